/* overlay.h - overlays: other runs whose curves the charts draw beside the run on the screen. They
 * share the records of their runs. Main thread. */
#ifndef IPD_TUI_MODEL_OVERLAY_H
#define IPD_TUI_MODEL_OVERLAY_H

#include "base/list.h"
#include "plot/canvas.h"
#include "run/run.h"
#include "tui/model/columns.h"

enum { IPD_OVERLAY_FIELDS = 96 }; /* as many as records have, or more */

typedef struct ipd_overlay {
    char name[64];
    long id;              /* in the history; 0 if it is not there */
    unsigned long number; /* in the session; 0: a run of the history only */
    int before;           /* 0: follows the run; 1: the run before a rewind; n + 1: its path n */
    int left;             /* 1: the run has been off this path since */
    int slot;             /* gives colour and letter, see ipd_slot_ink */
    ipd_records records;
    ipd_columns columns;
    /* The file that the records are read from, borrowed; NULL: they are complete. */
    const char *history;
    const ipd_field *fields[IPD_OVERLAY_FIELDS]; /* read so far, see ipd_overlay_read */
    int field_count;
    ipd_list changes; /* ipd_log_entry: those that the charts mark, see changes.h */
    size_t log_seen;  /* length of the run's log, and its rewinds, when `changes` was copied */
    unsigned long rewinds_seen;
    ipd_error failed; /* of the last reading, not yet reported; code IPD_OK: none */
} ipd_overlay;

enum { IPD_OVERLAY_LABEL = 96 };

/* A pinned run: it stays in the charts whatever run is on the screen. Numbers as in ipd_overlay. */
typedef struct ipd_pin {
    long id;
    unsigned long number;
} ipd_pin;

/* The run that had a slot last; all 0: none. */
typedef struct ipd_slot {
    long id;
    unsigned long number;
    int before;
} ipd_slot;

typedef struct ipd_overlays {
    ipd_overlay *items;
    int count;
    ipd_pin *pins;
    int pin_count;
    int own; /* the slot of the run on the screen; index of `slots`, which is then not empty */
    ipd_slot *slots;
    int slot_count;
    size_t capacity, pin_capacity, slot_capacity;
} ipd_overlays;

/* The colour and the letter of a run in all charts and tables follow from its slot. Runs drawn
 * together have different slots; a run that is drawn again gets its former slot if it is free. The
 * colours repeat, and so do the letters a to z, A to Z. */
static inline ipd_ink ipd_slot_ink(int slot)
{
    return (ipd_ink)(IPD_INK_SERIES_1 + slot % IPD_RUN_INKS);
}
static inline char ipd_slot_letter(int slot)
{
    slot %= 52;
    return (char)(slot < 26 ? 'a' + slot : 'A' + slot - 26);
}

/* Gives the run that is put on the screen a slot: its former one, or the first if it is drawn
 * alone. Call it before the previous run becomes an overlay. */
void ipd_overlays_show(ipd_overlays *o, unsigned long number, long id);

/* The overlay with before = 0 of a run, by its number in the session, or by its id if that is 0;
 * NULL if there is none. */
ipd_overlay *ipd_overlay_find(const ipd_overlays *o, unsigned long number, long id);
/* Adds an overlay without records with name, id, number and before of `of`. Replaces the one that
 * has the same numbers. NULL if memory runs out. Other overlays may move in memory. */
ipd_overlay *ipd_overlay_add(ipd_overlays *o, const ipd_overlay *of);
/* Writes "NAME before": the overlay's name for the run called `run` before a rewind. */
void ipd_overlay_name_before(char to[64], const char *run);
/* The name of an overlay for legends and tables, shortened to `columns` columns (0: whole). `shown`
 * is the name of the run on the screen. "before" stands for that run before a rewind, "path 2" for
 * its path 2; the run's number comes first if another name is the same. Returns `to` or a
 * constant. */
const char *ipd_overlay_label(const ipd_overlays *o, int index, const char *shown, int columns,
                              char to[IPD_OVERLAY_LABEL]);
/* Reads those of these fields (ended by NULL) that the records lack from the history, in one pass;
 * the first call also reads the fields of most charts. On failure, -1 and o->failed: the fields
 * have no values. */
int ipd_overlay_read(ipd_overlay *o, const char *const *fields);
/* Reads a field if the records lack it; returns its column as ipd_columns_get does. */
const ipd_column *ipd_overlay_values(ipd_overlay *o, const char *field, ipd_read_fn *value,
                                     int index);
/* Updates the name and the records to the last poll of its run. */
void ipd_overlay_follow(ipd_overlay *o, const ipd_run *run);
void ipd_overlay_remove(ipd_overlays *o, ipd_overlay *one);
/* Removes all overlays but those of pinned runs; with `pinned` also these and all pins. */
void ipd_overlays_clear(ipd_overlays *o, int pinned);
/* Removes everything and frees the lists. */
void ipd_overlays_free(ipd_overlays *o);

/* The pin of a run, or NULL. */
ipd_pin *ipd_pin_find(const ipd_overlays *o, unsigned long number, long id);
/* Pins a run, or removes its pin. -1 if memory runs out. */
int ipd_pin_set(ipd_overlays *o, unsigned long number, long id, int pinned);

#endif

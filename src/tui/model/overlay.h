/* overlay.h - other runs whose curves the charts show beside the run on the screen; shares their
 * records. Main thread. */
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
    int before; /* 0: updated with the run; 1: the run before a rewind; n + 1: its path n */
    int left;   /* 1: the run was seen elsewhere since */
    int slot;   /* gives colour and letter, see ipd_slot_ink */
    ipd_records records;
    ipd_columns columns;
    /* A run of the history has only the fields that were asked for, see ipd_overlay_read. */
    const char *history; /* its file, borrowed; NULL: the records have all fields */
    const ipd_field *fields[IPD_OVERLAY_FIELDS];
    int field_count;
    ipd_list changes; /* ipd_log_entry: those that the charts mark, see changes.h */
    size_t log_seen;  /* of its run's log, and rewinds, when they were copied */
    unsigned long rewinds_seen;
    ipd_error failed; /* of the last reading, to be reported; code IPD_OK: none */
} ipd_overlay;

enum { IPD_OVERLAY_LABEL = 96 };

/* A run that stays in the charts whatever run is on the screen; numbers as in ipd_overlay. */
typedef struct ipd_pin {
    long id;
    unsigned long number;
} ipd_pin;

/* Who had a slot last. All 0: nobody. */
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

/* The colour and the letter of a run in all charts and tables. Runs drawn together have different
 * slots; a run that comes back has its former one if it is free. Colours repeat, and so do the
 * letters a to z and A to Z. */
static inline ipd_ink ipd_slot_ink(int slot)
{
    return (ipd_ink)(IPD_INK_SERIES_1 + slot % IPD_RUN_INKS);
}
static inline char ipd_slot_letter(int slot)
{
    slot %= 52;
    return (char)(slot < 26 ? 'a' + slot : 'A' + slot - 26);
}

/* Gives the run on the screen its slot: its former one, or the first if it is drawn alone. Call before the run that was there becomes an overlay. */
void ipd_overlays_show(ipd_overlays *o, unsigned long number, long id);

/* The overlay of a run, by its number in the session, else in the history; NULL if there is none. */
ipd_overlay *ipd_overlay_find(const ipd_overlays *o, unsigned long number, long id);
/* Adds an overlay of the run `of` without records. Replaces the one of this run with the same
 * `before`. NULL if memory runs out. Other overlays may move in memory. */
ipd_overlay *ipd_overlay_add(ipd_overlays *o, const ipd_overlay *of);
/* Writes "NAME before": the overlay's name for the run called `run` before a rewind. */
void ipd_overlay_name_before(char to[64], const char *run);
/* The name of an overlay for legends and tables, shortened to `columns` columns (0: whole). `shown`
 * is the name of the run on the screen. "before" stands for that run before a rewind, "path 2" for
 * its path 2; the run's number comes first if another name is the same. Returns `to` or a constant. */
const char *ipd_overlay_label(const ipd_overlays *o, int index, const char *shown, int columns,
                              char to[IPD_OVERLAY_LABEL]);
/* Reads from the history which of these fields (NULL at the end) the records still lack, in one pass, with the first ones also those
 * that most charts have. On failure (-1, o->failed) they have no values. */
int ipd_overlay_read(ipd_overlay *o, const char *const *fields);
/* As ipd_columns_get of its records; reads the field first. */
const ipd_column *ipd_overlay_values(ipd_overlay *o, const char *field, ipd_read_fn *value,
                                     int index);
/* Updates the name and the records to the last poll of its run. */
void ipd_overlay_follow(ipd_overlay *o, const ipd_run *run);
/* Removes one. */
void ipd_overlay_remove(ipd_overlays *o, ipd_overlay *one);
/* Removes all; with `pinned` also the pinned ones and their pins. ipd_overlays_free also frees the lists. */
void ipd_overlays_clear(ipd_overlays *o, int pinned);
void ipd_overlays_free(ipd_overlays *o);

/* The pin of a run, or NULL; pins a run, if it is not, or removes its pin. -1 if
 * memory runs out. */
ipd_pin *ipd_pin_find(const ipd_overlays *o, unsigned long number, long id);
int ipd_pin_set(ipd_overlays *o, unsigned long number, long id, int pinned);

#endif

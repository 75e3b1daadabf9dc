/* tensorboard.h - writes records as a TensorBoard event file: one scalar per field of a record.
 *
 * An event file is a sequence of TFRecords, each a protobuf message Event with a step, the wall
 * time, and a Summary of scalars. Records are appended at once, so that TensorBoard can follow a
 * running training.
 */
#ifndef IPD_FORMAT_TENSORBOARD_H
#define IPD_FORMAT_TENSORBOARD_H

#include "base/error.h"
#include "solver/record.h"

typedef struct ipd_tensorboard ipd_tensorboard;

/* Creates a file events.out.tfevents.SECONDS.HOST.PID.N in `folder`, which is created if missing.
 * NULL and *e on failure. */
ipd_tensorboard *ipd_tensorboard_open(const char *folder, ipd_error *e);
/* Appends a record's finite numbers with the wall time `wall` (seconds since 1970) and flushes
 * them. -1 and *e if writing fails. */
int ipd_tensorboard_record(ipd_tensorboard *t, const ipd_record *record, double wall, ipd_error *e);
/* Closes the file. -1 and *e if a write failed late; accepts NULL. */
int ipd_tensorboard_close(ipd_tensorboard *t, ipd_error *e);
const char *ipd_tensorboard_path(const ipd_tensorboard *t);

#endif

/* tensorboard.h - records as an event file that TensorBoard reads: scalars by the names of the fields.
 *
 * An event file is a sequence of TFRecords, each a protobuf message Event with a step, the wall time, and a
 * Summary of scalars. It is appended to as records come, so that TensorBoard follows a run at work.
 */
#ifndef IPD_FORMAT_TENSORBOARD_H
#define IPD_FORMAT_TENSORBOARD_H

#include "base/error.h"
#include "solver/record.h"

#include <stdint.h>

typedef struct ipd_tensorboard ipd_tensorboard;

/* Makes folder (where missing) and a new file in it, events.out.tfevents.SECONDS.HOST.PID.N. NULL and *e
 * where it cannot be. */
ipd_tensorboard *ipd_tensorboard_open(const char *folder, ipd_error *e);
/* Appends a record's numbers, those that are finite, as of `wall` seconds since 1970, and flushes them. -1
 * and *e where writing fails. */
int ipd_tensorboard_record(ipd_tensorboard *t, const ipd_record *record, double wall, ipd_error *e);
/* -1 and *e where what was written did not arrive; takes NULL. */
int ipd_tensorboard_close(ipd_tensorboard *t, ipd_error *e);
/* The file's path. */
const char *ipd_tensorboard_path(const ipd_tensorboard *t);

/* CRC-32C (Castagnoli) of the bytes. */
uint32_t ipd_crc32c(const void *bytes, size_t count);

#endif

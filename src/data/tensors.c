/* tensors.c - opens and reads files of either format; see tensors.h. */
#include "data/tensors.h"
#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

int ipd_tensors_open(ipd_tensor_file *f, const char *path, ipd_error *e)
{
    struct stat s;
    unsigned char first[8];
    *f = (ipd_tensor_file){.path = path};
    if (!(f->file = ipd_file_read(path, e)))
        return -1;
    if (fstat(fileno(f->file), &s))
        return ipd_fail(e, IPD_EIO, "%s: cannot be read: %s", path, strerror(errno));
    f->size = (uint64_t)s.st_size;
    if (f->size < sizeof first)
        return ipd_fail(e, IPD_EFORMAT, "%s: is too short to be a safetensors file", path);
    if (ipd_tensors_bytes(f, 0, first, sizeof first, e))
        return -1;
    f->npz = !memcmp(first, "PK\3\4", 4) || !memcmp(first, "PK\5\6", 4);
    if (!memcmp(first, "\x93NUMPY", 6)) {
        f->npz = 1;
        return ipd_npy_open(f, e);
    }
    return f->npz ? ipd_npz_open(f, e) : ipd_safetensors_open(f, e);
}

int ipd_tensors_read(ipd_tensor_file *f, const ipd_tensor *t, void *to, ipd_error *e)
{
    if (t->letters && !f->takes_text)
        return ipd_fail(e, IPD_EFORMAT, "%s: %s holds text. Store it as <f4 or <f8", f->path,
                        t->name);
    return f->npz ? ipd_npz_read(f, t, to, e)
                  : ipd_tensors_bytes(f, 8 + f->header + t->begin, to, t->bytes, e);
}

const char *ipd_tensors_text(const ipd_tensor_file *f, const char *key)
{
    int text = f->npz ? ipd_npz_text(key) : -1;
    if (f->npz)
        return text < 0 || !f->texts[text] || !*f->texts[text] ? NULL : f->texts[text];
    return json_string_value(json_object_get(json_object_get(f->json, "__metadata__"), key));
}

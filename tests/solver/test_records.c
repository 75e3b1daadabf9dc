/* test_records.c - records in columns: they keep their bits, need little memory, and can grow and be cut
 * while another thread reads. */
#include "solver/records.h"
#include "tests/plot/doubles.h"
#include "tests/tap.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { ROWS = 128, MOST = 700 }; /* of a chunk; of a test */

static void fill_string(char *to, size_t size)
{
    size_t length = (size_t)one_of((int)size);
    for (size_t i = 0; i < length; i++)
        to[i] = (char)('!' + one_of(90));
}

/* Fills all fields with random bits, including NaN with a payload; many values are equal to those of the previous record. */
static void fill_record(ipd_record *r, int L, int iteration)
{
    ipd_record_init(r, L);
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        if (one_of(3) == 0)
            continue;
        if (f->kind == IPD_STRING)
            fill_string((char *)r + f->offset, f->size);
        int n = f->extent == IPD_BY_HIDDEN_LAYER ? L : ipd_field_count(f, L);
        for (int i = 0; i < n && f->kind == IPD_DOUBLE; i++) {
            uint64_t bits = ipd_random_bits(&random_state);
            double value = number(one_of(9));
            if (one_of(4) == 0)
                memcpy(&value, &bits, sizeof value);
            ipd_field_put(f, r, i, value);
        }
    }
    r->iteration = one_of(2) ? iteration : -iteration;
    r->xi_proved = one_of(2);
}

/* *made has them as they were added. */
static int all_same(const ipd_records *r, const ipd_record *made)
{
    for (size_t i = 0; i < r->count; i++) {
        ipd_record record = ipd_records_get(r, i);
        if (memcmp(&record, &made[i], sizeof record)) {
            printf("# record %zu of %zu differs\n", i, r->count);
            return 0;
        }
    }
    return 1;
}

static void test_bits(void)
{
    static ipd_record made[MOST];
    static const int depths[] = {1, 2, 3, 7, IPD_MAX_LAYERS};
    for (size_t d = 0; d < sizeof depths / sizeof *depths; d++) {
        int L = depths[d], kept = 1, constant = 0;
        ipd_records r = {0};
        for (size_t i = 0; i < MOST; i++) {
            constant = i % 50 ? constant : one_of(3) == 0;
            if (constant && i)
                made[i] = made[i - 1];
            else
                fill_record(&made[i], L, (int)i + 1);
            kept &= !ipd_records_add(&r, &made[i]);
        }
        ok(kept && r.count == MOST && all_same(&r, made),
           "records of %d layers are returned to the bit", L);
        ipd_records_free(&r);
    }
}

static void test_values(void)
{
    ipd_record made;
    ipd_records r = {0};
    char name[64];
    int right = 1;
    ipd_random_seed(&random_state, 3, 0);
    fill_record(&made, 3, 1);
    ipd_records_add(&r, &made);
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; i < ipd_field_count(f, 3) && f->kind != IPD_STRING; i++) {
            double x = ipd_records_at(&r, ipd_records_column(&r, f, i), 0);
            double y = ipd_field_value(f, &made, i);
            right &= !memcmp(&x, &y, sizeof x);
        }
    ok(right, "every value is read by its column");
    ipd_records_string(&r, ipd_field_find("order"), 0, name);
    ok(!strcmp(name, made.order), "every string is read");
    ok(isnan(ipd_records_at(&r, ipd_records_column(&r, ipd_field_find("moved_W"), 3), 0)),
       "a layer that the network does not have is NaN");
    ipd_records_free(&r);
}

/* Shares stay as they are, whatever is cut from the records and added to them, and say how much of them is still so. */
static void test_shares(void)
{
    enum { SHARES = 6 };
    static ipd_record made[MOST + 1], then[SHARES][MOST + 1]; /* one more is added at the end */
    ipd_records r = {0}, shares[SHARES] = {{0}};
    int right = 1, alike = 1;
    for (int step = 0; step < 400; step++) {
        size_t same, to = one_of(2) ? r.count : (size_t)one_of((int)r.count + 1);
        int which = one_of(SHARES);
        if (one_of(3) == 0 || r.count > MOST - 150)
            ipd_records_cut(&r, to);
        for (int n = one_of(one_of(2) ? 3 : 150); n > 0 && r.count < MOST; n--) {
            fill_record(&made[r.count], 2, (int)r.count + 1);
            right &= !ipd_records_add(&r, &made[r.count]);
        }
        to = one_of(2) ? r.count : (size_t)one_of((int)r.count + 1);
        right &= !ipd_records_share(&shares[which], &r, to, &same) && shares[which].count == to;
        alike &= same <= to && !memcmp(then[which], made, same * sizeof *made);
        memcpy(then[which], made, to * sizeof *made);
        for (int i = 0; i < SHARES; i++)
            right &= all_same(&shares[i], then[i]);
    }
    ok(right, "shares do not change when the records do");
    ok(alike, "a share had the rows that *same says it had");
    ipd_records_free(&r);
    ok(all_same(&shares[0], then[0]), "shares remain when the records are freed");
    int two = !ipd_records_share(&r, &shares[0], shares[0].count, NULL);
    size_t count = r.count;
    memcpy(made, then[0], count * sizeof *made);
    fill_record(&made[count], 2, 1);
    two &= !ipd_records_add(&r, &made[count]);
    fill_record(&then[0][count], 2, 2);
    two &= !ipd_records_add(&shares[0], &then[0][count]);
    ok(two && all_same(&shares[0], then[0]) && all_same(&r, made), "two shares can both grow");
    ipd_records_free(&r);
    for (int i = 0; i < SHARES; i++)
        ipd_records_free(&shares[i]);
}

/* A record like those of a run of three layers without `recall`: most of what exists is another number each time. */
static void typical(ipd_record *r, int k)
{
    ipd_record_init(r, 3);
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0;
             i < ipd_field_count(f, 3) && f->kind == IPD_DOUBLE && f->extent != IPD_BY_CLASS; i++)
            ipd_field_put(f, r, i, k + 0.001 * i);
    r->iteration = k;
    strcpy(r->method, "ipdlam");
    strcpy(r->order, "increase");
}

static void test_memory(void)
{
    enum { MANY = 100 * ROWS };
    ipd_records r = {0};
    ipd_record record;
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int k = 1; k <= MANY; k++) {
        typical(&record, k);
        ipd_records_add(&r, &record);
    }
    double bytes = (double)(mallinfo2().uordblks + mallinfo2().hblkhd - before) / MANY;
    if (bytes > 0) /* not under a sanitizer */
        ok(bytes < 1024, "three layers take %.0f bytes a record", bytes);
    else
        skip("no figures of malloc here");
    ipd_records_free(&r);
}

/* --- two threads -------------------------------------------------------------------------------- */

/* Like a run and the main thread: one thread adds and cuts records under a lock, the other reads them without it. */
static struct shared {
    pthread_mutex_t lock;
    ipd_records records;
    size_t complete;
    int ended;
    atomic_int looks;
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Everything in it follows from its iteration and from how often the records were cut before it was added. */
static void consistent(ipd_record *r, int iteration, int round)
{
    ipd_record_init(r, 3);
    r->iteration = iteration;
    r->seconds = round;
    r->phi = iteration * 1000.0 + round;
    r->rho = iteration % 300 < 250 ? 1 : 2; /* begins to vary within a chunk */
    for (int l = 1; l <= 3; l++)
        r->moved_W[l] = r->phi + l;
    snprintf(r->order, sizeof r->order, "%d", iteration % 100 / 90 + round);
}

/* Until the reader has a share of what there is now, and reads it. */
static void wait_for_reader(void)
{
    int looks = atomic_load(&shared.looks);
    while (atomic_load(&shared.looks) < looks + 2)
        sched_yield();
}

static void *add_and_cut(void *argument)
{
    ipd_random random;
    (void)argument;
    ipd_random_seed(&random, 11, 0);
    for (int round = 0; round < 200; round++) {
        size_t more = ipd_random_below(&random, 300);
        pthread_mutex_lock(&shared.lock);
        size_t less = ipd_random_below(&random, 200), count = shared.records.count;
        ipd_records_cut(&shared.records, less < count ? count - less : 0);
        shared.complete = shared.records.count;
        pthread_mutex_unlock(&shared.lock);
        for (size_t i = 0; i < more; i++) {
            ipd_record record;
            consistent(&record, (int)shared.records.count + 1, round);
            pthread_mutex_lock(&shared.lock);
            ipd_records_add(&shared.records, &record);
            pthread_mutex_unlock(&shared.lock);
            pthread_mutex_lock(&shared.lock);
            shared.complete = shared.records.count;
            pthread_mutex_unlock(&shared.lock);
            if (i % 100 == 50)
                wait_for_reader();
        }
    }
    pthread_mutex_lock(&shared.lock);
    shared.ended = 1;
    pthread_mutex_unlock(&shared.lock);
    return NULL;
}

static void test_threads(void)
{
    ipd_records own = {0};
    int ended = 0, right = 1, before = 0;
    size_t rows = 0;
    pthread_t thread;
    if (pthread_create(&thread, NULL, add_and_cut, NULL))
        exit(1);
    while (!ended) {
        pthread_mutex_lock(&shared.lock);
        ended = shared.ended;
        right &= !ipd_records_share(&own, &shared.records, shared.complete, NULL);
        pthread_mutex_unlock(&shared.lock);
        atomic_fetch_add(&shared.looks, 1);
        before = 0;
        for (size_t i = own.count > 200 ? own.count - 200 : 0; i < own.count; i++, rows++) {
            ipd_record was = ipd_records_get(&own, i), is;
            consistent(&is, (int)i + 1, (int)was.seconds);
            right &= !memcmp(&was, &is, sizeof is) && was.seconds >= before;
            before = (int)was.seconds;
        }
    }
    pthread_join(thread, NULL);
    ok(right, "a thread that reads finds whole records, in order");
    printf("# it read %zu\n", rows);
    ipd_records_free(&own);
    ipd_records_free(&shared.records);
}

int main(void)
{
    ipd_random_seed(&random_state, 1, 0);
    test_memory();
    test_bits();
    test_values();
    test_shares();
    test_threads();
    return done();
}

/* SPDX-License-Identifier: MIT
 *
 * The wrapper of an object: what it passes on, and COM's rules of identity and counting.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../../examples/clr-shim/delegator.h"

static const clr_guid_t first_id = {1, 0, 0, {0}};
static const clr_guid_t second_id = {2, 0, 0, {0}};    /* a pointer of its own, wrapped */
static const clr_guid_t later_id = {3, 0, 0, {0}};     /* not known, at the first's pointer */
static const clr_guid_t elsewhere_id = {4, 0, 0, {0}}; /* not known, and a pointer of its own */
static const clr_guid_t refused_id = {5, 0, 0, {0}};

typedef struct {
    const clr_slot_t *table;
    uint32_t          references;
} pointer_t;

static clr_slot_t inner_table[FORWARD_SLOTS];
static pointer_t  first, second, elsewhere;
static delegator_class_t class;
static delegator_t *gone;

static clr_result_t inner_query(pointer_t *self, const clr_guid_t *id, void **object)
{
    pointer_t *found = clr_same_guid(id, &second_id)      ? &second
                       : clr_same_guid(id, &elsewhere_id) ? &elsewhere
                       : clr_same_guid(id, &refused_id)   ? NULL
                                                          : &first;
    (void)self;
    *object = found;
    if (found)
        found->references++;
    return found ? CLR_OK : CLR_NO_INTERFACE;
}

static uint32_t inner_add_ref(pointer_t *self)
{
    return ++self->references;
}

static uint32_t inner_release(pointer_t *self)
{
    return --self->references;
}

static bool wraps(const clr_guid_t *id)
{
    return clr_same_guid(id, &clr_unknown_id) || clr_same_guid(id, &first_id) || clr_same_guid(id, &second_id);
}

static void destroyed(delegator_t *delegator)
{
    gone = delegator;
}

/* A method whose arguments fill every register that there is for them, and then some of the stack. */
typedef clr_result_t (*method_t)(void *self, uintptr_t a, uintptr_t b, double c, uintptr_t d, uint32_t e, double f,
                                 uintptr_t g, uintptr_t h, double i, uintptr_t j, double k, double l, double m,
                                 double n, double o, double p, uintptr_t q);

static clr_result_t right(void *self, uintptr_t a, uintptr_t b, double c, uintptr_t d, uint32_t e, double f,
                          uintptr_t g, uintptr_t h, double i, uintptr_t j, double k, double l, double m, double n,
                          double o, double p, uintptr_t q)
{
    assert_ptr_equal(self, &first);
    assert_true(a == 1 && b == 2 && c == 0.5 && d == 3 && e == 4 && f == 1.5 && g == 5 && h == 6 && i == 2.5 && j == 7);
    assert_true(k == 3.5 && l == 4.5 && m == 5.5 && n == 6.5 && o == 7.5 && p == 8.5 && q == UINTPTR_MAX);
    return 1234;
}

static clr_result_t wrong(void)
{
    fail_msg("a call came out at another slot");
    return CLR_FAILED;
}

static int setup(void **state)
{
    static delegator_t delegator;
    delegator = (delegator_t){0};
    gone = NULL;
    for (int i = 3; i < FORWARD_SLOTS; i++)
        inner_table[i] = (clr_slot_t)wrong;
    inner_table[0] = (clr_slot_t)inner_query;
    inner_table[1] = (clr_slot_t)inner_add_ref;
    inner_table[2] = (clr_slot_t)inner_release;
    first = second = elsewhere = (pointer_t){.table = inner_table};
    first.references = 1;
    class.wraps = wraps;
    class.destroyed = destroyed;
    delegator_class_init(&class);
    *state = delegator_init(&delegator, &class, (clr_unknown_t *)&first);
    return 0;
}

/* The interface `id` of a face, in one's own hand. */
static void *query(void *face, const clr_guid_t *id)
{
    void *object = NULL;
    assert_int_equal(((clr_unknown_t *)face)->table->query_interface(face, id, &object), CLR_OK);
    assert_non_null(object);
    return object;
}

static uint32_t release(void *face)
{
    return ((clr_unknown_t *)face)->table->release(face);
}

static void every_slot_is_passed_on(void **state)
{
    face_t *face = *state;
    for (int slot = 3; slot < FORWARD_SLOTS; slot++) {
        inner_table[slot] = (clr_slot_t)right;
        clr_result_t result = ((method_t)face->table[slot])(face, 1, 2, 0.5, 3, 4, 1.5, 5, 6, 2.5, 7, 3.5, 4.5, 5.5,
                                                            6.5, 7.5, 8.5, UINTPTR_MAX);
        assert_int_equal(result, 1234);
        inner_table[slot] = (clr_slot_t)wrong;
    }
}

static void one_interface_is_one_pointer(void **state)
{
    void *other = query(*state, &second_id);

    assert_ptr_not_equal(other, *state);
    assert_ptr_equal(query(*state, &first_id), *state);
    assert_ptr_equal(query(other, &first_id), *state);
    assert_ptr_equal(query(other, &second_id), other);
    assert_ptr_equal(query(other, &clr_unknown_id), query(*state, &clr_unknown_id));
}

static void what_is_not_known_keeps_its_place(void **state)
{
    assert_ptr_equal(query(*state, &later_id), *state);
    assert_ptr_equal(query(*state, &elsewhere_id), &elsewhere);
}

static void a_refusal_stays_one(void **state)
{
    clr_unknown_t *face = *state;
    void          *object = face;

    assert_int_equal(face->table->query_interface(face, &refused_id, &object), CLR_NO_INTERFACE);
    assert_null(object);
    assert_int_equal(face->table->query_interface(face, &first_id, NULL), CLR_NULL_POINTER);
}

static void references_are_the_inner_objects_too(void **state)
{
    clr_unknown_t *face = *state;
    clr_unknown_t *other = query(face, &second_id);

    assert_int_equal(second.references, 1);
    assert_int_equal(face->table->add_ref(face), 3);
    assert_int_equal(first.references, 2);
    assert_int_equal(release(face), 2);
    assert_int_equal(release(face), 1);
    assert_null(gone);
    assert_int_equal(release(other), 0);
    assert_non_null(gone);
    assert_int_equal(first.references + second.references, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_slot_is_passed_on, setup),
        cmocka_unit_test_setup(one_interface_is_one_pointer, setup),
        cmocka_unit_test_setup(what_is_not_known_keeps_its_place, setup),
        cmocka_unit_test_setup(a_refusal_stays_one, setup),
        cmocka_unit_test_setup(references_are_the_inner_objects_too, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

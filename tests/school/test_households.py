"""Families come from shared guardians only; households from a key, or from the same children and one more sign."""

from hypothesis import given, settings
from hypothesis import strategies as st

from school.households import families
from school.people import Child, Guardian, Guardianship
from school.roster.roster import Roster


def roster(ties, *, homes=(), **details):
    """A roster of ties like "g1-c1"; details by guardian id: family_name, address, phone."""
    pairs = [tuple(tie.split("-")) for tie in ties]
    children = sorted({child for _, child in pairs if child})
    guardians = sorted({guardian for guardian, _ in pairs if guardian})
    return Roster(
        children=tuple(Child(id=child, given_name=child, family_name="Lee") for child in children),
        guardians=tuple(
            Guardian(id=guardian, given_name=guardian, **({"family_name": guardian} | details.get(guardian, {})))
            for guardian in guardians
        ),
        guardianships=tuple(Guardianship(guardian_id=g, child_id=c) for g, c in pairs if g and c),
        home_keys=tuple(homes),
    )


def grouped(found):
    return [(family.child_ids, family.guardian_ids) for family in found]


def homes_of(found):
    return [household.guardian_ids for family in found for household in family.households]


def test_siblings_are_one_family_and_their_guardians_are_in_it_once():
    assert grouped(families(roster(["a-c1", "b-c1", "a-c2", "b-c2"]))) == [(("c1", "c2"), ("a", "b"))]


def test_step_families_chain():
    found = families(roster(["a-c1", "b-c1", "b-c2", "d-c2", "d-c3"]))

    assert grouped(found) == [(("c1", "c2", "c3"), ("a", "b", "d"))]
    assert found[0].id == "c1"


def test_same_family_name_alone_never_makes_a_family():
    found = families(roster(["a-c1", "b-c2"], a={"family_name": "Todd"}, b={"family_name": "Todd"}))

    assert grouped(found) == [(("c1",), ("a",)), (("c2",), ("b",))]


def test_child_without_a_guardian_is_a_family_to_care_about():
    (family,) = families(roster(["-c1"]))

    assert (family.child_ids, family.guardian_ids, family.households) == (("c1",), (), ())


def test_guardian_without_a_child_is_in_no_family():
    assert families(roster(["a-"])) == ()


def test_ties_to_people_who_left_join_nobody():
    stale = Guardianship(guardian_id="ghost", child_id="c1")
    plain = roster(["a-c1", "b-c2"])

    assert len(families(Roster(children=plain.children, guardians=plain.guardians,
                               guardianships=(*plain.guardianships, stale)))) == 2  # fmt: skip


def test_one_more_sign_in_common_makes_one_household():
    ties = ["a-c1", "b-c1"]

    assert homes_of(families(roster(ties))) == [("a",), ("b",)]
    assert homes_of(families(roster(ties, a={"family_name": "Núñez"}, b={"family_name": "nunez"}))) == [("a", "b")]
    same_mail = {"address": "home@example.org"}
    assert homes_of(families(roster(ties, a=same_mail, b={"address": "Home@Example.org"}))) == [("a", "b")]
    assert homes_of(families(roster(ties, a={"phone": "+65 9111"}, b={"phone": "659111"}))) == [("a", "b")]


def test_different_children_are_two_homes_whatever_the_names():
    todd = {"family_name": "Todd"}

    assert homes_of(families(roster(["a-c1", "a-c2", "b-c1"], a=todd, b=todd))) == [("a",), ("b",)]


def test_household_key_decides_over_names_and_joins_different_children():
    todd = {"family_name": "Todd"}
    apart = roster(["a-c1", "b-c1"], homes=[("a", "h1"), ("b", "h2")], a=todd, b=todd)
    together = roster(["a-c1", "b-c1", "b-c2"], homes=[("a", "h1"), ("b", "h1")])

    assert homes_of(families(apart)) == [("a",), ("b",)]
    (family,) = families(together)
    assert [(home.guardian_ids, home.child_ids) for home in family.households] == [(("a", "b"), ("c1", "c2"))]


def test_two_homes_each_list_the_shared_child():
    (family,) = families(roster(["a-c1", "b-c1"]))

    assert [home.child_ids for home in family.households] == [("c1",), ("c1",)]


TIES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)).map(lambda tie: f"g{tie[0]}-c{tie[1]}"), unique=True)


@settings(max_examples=200, deadline=None)
@given(TIES, st.randoms(use_true_random=False))
def test_every_child_is_in_one_family_and_every_tie_within_one(ties, random):
    found = families(roster(ties))
    shuffled = list(ties)
    random.shuffle(shuffled)

    home = {child: family.id for family in found for child in family.child_ids}
    assert sum(len(family.child_ids) for family in found) == len(home) == len({tie.split("-")[1] for tie in ties})
    for family in found:
        assert sorted(g for h in family.households for g in h.guardian_ids) == list(family.guardian_ids)
    for tie in ties:
        guardian, child = tie.split("-")
        assert guardian in next(family for family in found if family.id == home[child]).guardian_ids
    assert families(roster(shuffled)) == found

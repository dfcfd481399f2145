"""The families every sample school has: twins, two homes, a step-family, a bar, a leaver, no address.

They stand here by name, so that a test or a reader can follow them through the demo.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class CastGuardian:
    id: str
    given_name: str
    family_name: str
    address: str = ""
    language: str = "en"
    home: str
    children: tuple[str, ...]
    relation: str = "parent"
    barred_from: tuple[str, ...] = ()
    bar_source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CastChild:
    id: str
    given_name: str
    family_name: str
    grade: int
    left: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CastFamily:
    what: str
    children: tuple[CastChild, ...]
    guardians: tuple[CastGuardian, ...]


CAST: tuple[CastFamily, ...] = (
    CastFamily(
        what="one child, one mother: the plainest Reply there is",
        children=(CastChild(id="s-wren", given_name="Wren", family_name="Holloway", grade=3),),
        guardians=(
            CastGuardian(
                id="g-marta-holloway",
                given_name="Marta",
                family_name="Holloway",
                address="marta.holloway@example.org",
                home="h-holloway",
                children=("s-wren",),
            ),
        ),
    ),
    CastFamily(
        what="a brother and a sister in two classes",
        children=(
            CastChild(id="s-leif", given_name="Leif", family_name="Tamsin", grade=3),
            CastChild(id="s-petra", given_name="Petra", family_name="Tamsin", grade=5),
        ),
        guardians=(
            CastGuardian(
                id="g-signe-tamsin",
                given_name="Signe",
                family_name="Tamsin",
                address="signe.tamsin@example.org",
                home="h-tamsin",
                children=("s-leif", "s-petra"),
            ),
            CastGuardian(
                id="g-rolf-tamsin",
                given_name="Rolf",
                family_name="Tamsin",
                address="rolf.tamsin@example.org",
                home="h-tamsin",
                children=("s-leif", "s-petra"),
            ),
        ),
    ),
    CastFamily(
        what="twins in one class",
        children=(
            CastChild(id="s-juno", given_name="Juno", family_name="Abernathy", grade=2),
            CastChild(id="s-felix", given_name="Felix", family_name="Abernathy", grade=2),
        ),
        guardians=(
            CastGuardian(
                id="g-clare-abernathy",
                given_name="Clare",
                family_name="Abernathy",
                address="clare.abernathy@example.org",
                home="h-abernathy",
                children=("s-juno", "s-felix"),
            ),
        ),
    ),
    CastFamily(
        what="one child, two homes: each parent gets a letter and never sees the other's address",
        children=(CastChild(id="s-oskar", given_name="Oskar", family_name="Brandt-Moore", grade=4),),
        guardians=(
            CastGuardian(
                id="g-lena-brandt",
                given_name="Lena",
                family_name="Brandt",
                address="lena.brandt@example.org",
                home="h-brandt",
                children=("s-oskar",),
            ),
            CastGuardian(
                id="g-chris-moore",
                given_name="Chris",
                family_name="Moore",
                address="chris.moore@example.org",
                home="h-moore",
                children=("s-oskar",),
            ),
        ),
    ),
    CastFamily(
        what="a step-family: Ben may hear about Ivy only, Marcus about Rafe only, Dana about both",
        children=(
            CastChild(id="s-ivy", given_name="Ivy", family_name="Carter", grade=5),
            CastChild(id="s-rafe", given_name="Rafe", family_name="Whitlock", grade=1),
        ),
        guardians=(
            CastGuardian(
                id="g-dana-whitlock",
                given_name="Dana",
                family_name="Whitlock",
                address="dana.whitlock@example.org",
                home="h-whitlock",
                children=("s-ivy", "s-rafe"),
            ),
            CastGuardian(
                id="g-marcus-whitlock",
                given_name="Marcus",
                family_name="Whitlock",
                address="marcus.whitlock@example.org",
                home="h-whitlock",
                children=("s-rafe",),
            ),
            CastGuardian(
                id="g-ben-carter",
                given_name="Ben",
                family_name="Carter",
                address="ben.carter@example.org",
                home="h-carter",
                children=("s-ivy",),
            ),
        ),
    ),
    CastFamily(
        what="the mother teaches at this school; as a mother she writes from home",
        children=(CastChild(id="s-kofi", given_name="Kofi", family_name="Osei", grade=6),),
        guardians=(
            CastGuardian(
                id="g-amara-osei",
                given_name="Amara",
                family_name="Osei",
                address="amara.at.home@example.org",
                home="h-osei",
                children=("s-kofi",),
            ),
        ),
    ),
    CastFamily(
        what="Spanish at home",
        children=(CastChild(id="s-lucero", given_name="Lucero", family_name="Ibarra", grade=2),),
        guardians=(
            CastGuardian(
                id="g-marisol-ibarra",
                given_name="Marisol",
                family_name="Ibarra Núñez",
                address="marisol.ibarra@example.org",
                language="es",
                home="h-ibarra",
                children=("s-lucero",),
            ),
        ),
    ),
    CastFamily(
        what="Arabic at home",
        children=(CastChild(id="s-nour", given_name="Nour", family_name="Haddad", grade=4),),
        guardians=(
            CastGuardian(
                id="g-layla-haddad",
                given_name="ليلى",
                family_name="حداد",
                address="layla.haddad@example.org",
                language="ar",
                home="h-haddad",
                children=("s-nour",),
            ),
        ),
    ),
    CastFamily(
        what="Chinese at home",
        children=(CastChild(id="s-mingming", given_name="Mingming", family_name="Lin", grade=1),),
        guardians=(
            CastGuardian(
                id="g-lin-xiaoyun",
                given_name="晓云",
                family_name="林",
                address="xiaoyun.lin@example.org",
                language="zh-Hans",
                home="h-lin",
                children=("s-mingming",),
            ),
        ),
    ),
    CastFamily(
        what="a father barred by a court order",
        children=(CastChild(id="s-mila", given_name="Mila", family_name="Stone", grade=4),),
        guardians=(
            CastGuardian(
                id="g-helen-stone",
                given_name="Helen",
                family_name="Stone",
                address="helen.stone@example.org",
                home="h-stone",
                children=("s-mila",),
            ),
            CastGuardian(
                id="g-gregor-stone",
                given_name="Gregor",
                family_name="Stone",
                address="gregor.stone@example.org",
                home="h-stone-2",
                children=("s-mila",),
                barred_from=("s-mila",),
                bar_source="Family court order 118/2026",
            ),
        ),
    ),
    CastFamily(
        what="a grandfather without an e-mail address",
        children=(CastChild(id="s-poppy", given_name="Poppy", family_name="Finch", grade=6),),
        guardians=(
            CastGuardian(
                id="g-walter-finch",
                given_name="Walter",
                family_name="Finch",
                home="h-finch",
                children=("s-poppy",),
                relation="relative",
            ),
        ),
    ),
    CastFamily(
        what="moved away three weeks ago",
        children=(CastChild(id="s-noah", given_name="Noah", family_name="Pratt", grade=5, left=True),),
        guardians=(
            CastGuardian(
                id="g-joyce-pratt",
                given_name="Joyce",
                family_name="Pratt",
                address="joyce.pratt@example.org",
                home="h-pratt",
                children=("s-noah",),
            ),
        ),
    ),
)

"""Invented names for a sample school: four languages, families, children and teachers."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class NamePool:
    """Names that fit together in one language. Adults are (in Latin letters, as they write it themselves)."""

    mothers: tuple[tuple[str, str], ...]
    fathers: tuple[tuple[str, str], ...]
    families: tuple[tuple[str, str], ...]
    children: tuple[str, ...]  #: as the school writes them


def _words(names: str) -> tuple[str, ...]:
    return tuple(names.split())


def _same(names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, name) for name in names.split())


def _both(names: str) -> tuple[tuple[str, str], ...]:
    pairs = (pair.partition("/") for pair in names.split())
    return tuple((latin, own) for latin, _, own in pairs)


NAMES: dict[str, NamePool] = {
    "en": NamePool(
        mothers=_same(
            "Alice Bridget Carol Deborah Fiona Gemma Harriet Isla Joan Kirsty Laura Megan Naomi Olwen Rachel"
        ),
        fathers=_same("Adam Bernard Callum Duncan Edwin Graham Howard Ian Joel Keith Lewis Malcolm Neil Owen Patrick"),
        families=_same(
            "Ashdown Barley Copperfield Dunmore Elderkin Fairweather Greenhalgh Hollis Ironside Jessop Kettle Larkin "
            "Mayhew Nettleton Oakley Penrose Quince Rowntree Sorrel Thistlewood Underhill Vale Wainwright Yarrow"
        ),
        children=_words(
            "Alfie Bea Caleb Daisy Elsie Freddie Gracie Harvey Imogen Jasper Kitty Logan Maisie Nellie Otto Phoebe "
            "Rowan Saskia Toby Una Violet Wilfred Zara Arlo Bonnie Clementine Digby Edie Fern Gus Hattie"
        ),
    ),
    "es": NamePool(
        mothers=_same(
            "Adriana Beatriz Carmen Dolores Elena Fátima Gloria Inés Jimena Lorena Noelia Pilar Rocío Yolanda"
        ),
        fathers=_same("Álvaro Bernardo César Esteban Fermín Gonzalo Héctor Íñigo Joaquín Leandro Néstor Óscar Ramón"),
        families=_same(
            "Almagro Benavides Cifuentes Escalona Fuentenebro Galindo Iriarte Montoro Ocaña Peñalver Quiroga"
        ),
        children=_words("Alba Bruno Candela Dario Emilia Gael Irene Julieta Leo Martina Nico Paula Rubén Sofía Vega"),
    ),
    "ar": NamePool(
        mothers=_both("Amina/أمينة Dalal/دلال Hanan/حنان Iman/إيمان Mariam/مريم Najwa/نجوى Rana/رنا Salma/سلمى"),
        fathers=_both("Adel/عادل Bassam/بسام Fadi/فادي Hisham/هشام Jamal/جمال Khalil/خليل Nabil/نبيل Samir/سمير"),
        families=_both("Barakat/بركات Darwish/درويش Hamdan/حمدان Mansour/منصور Qasim/قاسم Shaheen/شاهين Zaytoun/زيتون"),
        children=_words("Ayman Dana Farah Hadi Jana Karim Lina Malak Omar Rami Sami Tala Yasmin Ziad"),
    ),
    "zh-Hans": NamePool(
        mothers=_both("Fang/芳 Hui/慧 Jing/静 Lan/兰 Min/敏 Ping/萍 Xia/霞 Yan/燕"),
        fathers=_both("Bo/波 Gang/刚 Hao/浩 Jun/军 Lei/磊 Peng/鹏 Tao/涛 Wei/伟"),
        families=_both("Cheng/程 Deng/邓 Fan/范 Gao/高 Liang/梁 Song/宋 Tang/唐 Xie/谢 Zhou/周"),
        children=_words("Anqi Chenxi Haoran Jiayi Lele Mengyao Ruoxi Shuyu Tianyi Xinyi Yichen Zihan"),
    ),
}

#: (title, given name, family name) of the first teachers, in the order of the classes they are given.
CLASS_TEACHERS = (
    ("Ms", "Hannah", "Birdwell"),
    ("Mr", "Tobias", "Ferngrove"),
    ("Ms", "Amara", "Osei"),
    ("Mr", "Daniel", "Quillfeather"),
    ("Ms", "Lucía", "Robledo"),
    ("Mrs", "Ingrid", "Halvorsen"),
)

SUBJECT_TEACHERS = {
    "music": (("Mr", "Theo", "Marlowe"), ("Ms", "Cecily", "Vane")),
    "art": (("Ms", "Nadia", "Petrova"), ("Mr", "Hugo", "Pastel")),
    "pe": (("Ms", "Beatrix", "Kingsley"), ("Mr", "Sol", "Runnacles")),
}

#: Further class teachers of a school that grows are put together from these.
MORE_TEACHERS_GIVEN = _words(
    "Agnes Benedict Cordelia Dominic Eleanor Florian Greta Hubert Isolde Julius Katarina Ludwig"
)
MORE_TEACHERS_FAMILY = _words("Applegarth Brightwater Candlish Dovecote Evergreen Foxglove Goldfinch Harbottle Inkpen")

"""An invented school for letters: one family, every kind of item, four languages."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from mailer.edition import ItemShelf, for_guardian
from mailer.render import (
    AnswerPage,
    Choice,
    ChoiceKind,
    DigestEntry,
    DigestPage,
    DigestTurn,
    DoneLine,
    NewsletterLinks,
    NoticeKind,
    NoticePage,
    SchoolFace,
    TrayLine,
)
from school.audience import Addressee, Desk, TaughtChild
from school.issue import Audience, AudienceKind, Edition, Event, Issue, Item, ItemKind, ItemText
from school.people import Child, ClassGroup, Guardian, Teacher

FACE = SchoolFace(
    name="Linden Primary School",
    language="en-GB",
    zone=ZoneInfo("Europe/Berlin"),
    contact_address="office@school.test",
    postal_line="1 Linden Road, 10115 Springfield",
    website="https://school.test",
)
ISSUE = Issue(date=date(2026, 11, 27), due=datetime(2026, 11, 27, 14, 0, tzinfo=UTC))
HORN = Teacher(id="t-horn", given_name="Petra", family_name="Horn", title="Ms")
RUIZ = Teacher(id="t-ruiz", given_name="Diego", family_name="Ruiz", title="Mr")
COLE = Teacher(id="t-cole", given_name="Ann", family_name="Cole", title="Ms")
CLASS_3B = ClassGroup(id="3B", title="Class 3B")
CLASS_1A = ClassGroup(id="1A", title="Class 1A")
MUSIC_3 = ClassGroup(id="mus3", title="Choir", homeroom=False, subject="Music")
IDA = Child(id="c-ida", given_name="Ida", family_name="Lopez")
LEO = Child(id="c-leo", given_name="Leonardo", family_name="Lopez", called="Leo")
SCHOOL = Audience(kind=AudienceKind.SCHOOL)


def class_(class_id: str) -> Audience:
    return Audience(kind=AudienceKind.CLASS, id=class_id)


def child_(child_id: str) -> Audience:
    return Audience(kind=AudienceKind.CHILD, id=child_id)


def item(
    name: str, kind: ItemKind, audience: Audience, texts: dict, event: Event | None = None, role: str = ""
) -> Item:
    """One item; *texts* is {language: (title, body)}."""
    return Item(
        id=name,
        issue_date=ISSUE.date,
        kind=kind,
        audience=audience,
        texts={tag: ItemText(title=title, body=body) for tag, (title, body) in texts.items()},
        event=event,
        role=role,
    )


FAIR = Event(
    begins=datetime(2026, 12, 5, 9, 0, tzinfo=UTC), ends=datetime(2026, 12, 5, 12, 30, tzinfo=UTC), place="School yard"
)
ITEMS = (
    item(
        "fair",
        ItemKind.EVENT,
        SCHOOL,
        {
            "en": (
                "Winter fair",
                (
                    "Stalls, soup and the choir. **Every family is welcome**, grandparents too.\n\n"
                    "If you can bring a cake, please tell us."
                ),
            ),
            "es": (
                "Feria de invierno",
                (
                    "Puestos, sopa y el coro. **Todas las familias son bienvenidas**, también los abuelos.\n\n"
                    "Si puede traer un pastel, díganoslo, por favor."
                ),
            ),
            "ar": (
                "معرض الشتاء",
                (
                    "أكشاك وحساء وجوقة المدرسة. **كل العائلات مدعوة**، والأجداد أيضًا.\n\n"
                    "إن استطعتم إحضار كعكة فأخبرونا من فضلكم."
                ),
            ),
            "zh-Hans": (
                "冬季集市",
                "有摊位、热汤和合唱团演出。**欢迎每一个家庭**，也欢迎爷爷奶奶、外公外婆。\n\n如果您能带一个蛋糕，请告诉我们。",
            ),
        },
        event=FAIR,
    ),
    item(
        "library",
        ItemKind.NEWS,
        SCHOOL,
        {
            "en": (
                "The library is open again",
                (
                    "After two weeks of painting, every class has its library hour back.\n\n"
                    "- Monday and Tuesday: classes 1 and 2\n- Wednesday to Friday: classes 3 and 4\n\n"
                    "The list of new books is on [our website](https://school.test/library)."
                ),
            ),
            "es": (
                "La biblioteca vuelve a abrir",
                (
                    "Después de dos semanas de pintura, cada clase recupera su hora de biblioteca.\n\n"
                    "- Lunes y martes: clases 1 y 2\n- De miércoles a viernes: clases 3 y 4\n\n"
                    "La lista de libros nuevos está en [nuestra página](https://school.test/library)."
                ),
            ),
            "ar": (
                "المكتبة مفتوحة من جديد",
                (
                    "بعد أسبوعين من الدهان، عادت حصة المكتبة لكل صف.\n\n"
                    "- الاثنين والثلاثاء: الصفان 1 و2\n- من الأربعاء إلى الجمعة: الصفان 3 و4\n\n"
                    "قائمة الكتب الجديدة على [موقعنا](https://school.test/library)."
                ),
            ),
            "zh-Hans": (
                "图书馆重新开放",
                (
                    "粉刷了两周之后，每个班又有图书馆课了。\n\n- 周一、周二：一、二年级\n- 周三至周五：三、四年级\n\n"
                    "新书目录在[学校网站](https://school.test/library)上。"
                ),
            ),
        },
    ),
    item(
        "volcano",
        ItemKind.NEWS,
        class_("3B"),
        {
            "en": (
                "We built a volcano",
                (
                    "It took a morning, two bottles of vinegar and many towels. The children wrote down what they saw "
                    "and why they think it happened."
                ),
            ),
            "es": (
                "Construimos un volcán",
                (
                    "Hicieron falta una mañana, dos botellas de vinagre y muchas toallas. Los niños anotaron lo que "
                    "vieron "
                    "y por qué creen que pasó."
                ),
            ),
            "ar": (
                "بنينا بركانًا",
                "استغرق الأمر صباحًا كاملًا وزجاجتي خل ومناشف كثيرة. كتب الأطفال ما رأوه ولماذا حدث في رأيهم.",
            ),
            "zh-Hans": (
                "我们做了一座火山",
                "用了一个上午、两瓶醋和许多毛巾。孩子们写下了看到的现象，以及他们认为的原因。",
            ),
        },
    ),
    item(
        "try",
        ItemKind.TRY_AT_HOME,
        class_("3B"),
        {
            "en": (
                "Measure something together",
                "Find the longest thing in the kitchen. Guess first, then measure it. Five minutes are enough.",
            ),
            "es": (
                "Midan algo juntos",
                "Busquen la cosa más larga de la cocina. Primero adivinen, después midan. Bastan cinco minutos.",
            ),
            "ar": ("قيسوا شيئًا معًا", "ابحثوا عن أطول شيء في المطبخ. خمّنوا أولًا ثم قيسوه. خمس دقائق تكفي."),
            "zh-Hans": ("一起量一量", "找出厨房里最长的东西。先猜一猜，再量一量。五分钟就够了。"),
        },
    ),
    item(
        "question",
        ItemKind.QUESTION,
        class_("3B"),
        {
            "en": (
                "Which song do you sing at home?",
                "We are collecting songs from every family. Tell us the name of one, in any language.",
            ),
            "es": (
                "¿Qué canción cantan en casa?",
                "Estamos reuniendo canciones de todas las familias. Cuéntenos el nombre de una, en cualquier idioma.",
            ),
            "ar": ("أي أغنية تغنون في البيت؟", "نجمع أغاني من كل العائلات. اكتبوا لنا اسم أغنية واحدة، بأي لغة."),
            "zh-Hans": ("您家里唱什么歌？", "我们正在收集每个家庭的歌曲。请告诉我们一首歌的名字，什么语言都可以。"),
        },
    ),
    item(
        "choir",
        ItemKind.NEWS,
        class_("mus3"),
        {"en": ("Choir rehearsal moves to Thursday", "Only next week. Please bring the blue folder.")},
    ),
    item(
        "ida",
        ItemKind.NEWS,
        child_("c-ida"),
        {"en": ("Ida read to the first class", "She chose the book herself and did all the voices.")},
    ),
    item(
        "shoes",
        ItemKind.NEWS,
        class_("1A"),
        {"en": ("Gym shoes, please", "From Monday we use the big hall. Outdoor shoes leave marks on the new floor.")},
    ),
)
MARIA = Guardian(id="g-maria", given_name="Maria", family_name="Lopez", address="maria@example.org", language="en")


def taught(child: Child = IDA, *desks: Desk, barred: bool = False) -> TaughtChild:
    return TaughtChild(child=child, barred=barred, desks=desks or IDAS_DESKS)


IDAS_DESKS = (
    Desk(class_group=CLASS_3B, role="class", teachers=(HORN,)),
    Desk(class_group=MUSIC_3, role="music", teachers=(COLE,)),
)
LEOS_DESKS = (Desk(class_group=CLASS_1A, role="class", teachers=(RUIZ,)),)


def guardian(language: str = "en", given: str = "Maria", family: str = "Lopez") -> Guardian:
    return Guardian(id="g-maria", given_name=given, family_name=family, address="maria@example.org", language=language)


def edition(language: str = "en", items: tuple[Item, ...] = ITEMS, who: Guardian | None = None) -> Edition:
    addressee = Addressee(
        guardian=who or guardian(language), children=(taught(IDA, *IDAS_DESKS), taught(LEO, *LEOS_DESKS))
    )
    found = for_guardian(ISSUE, addressee, ItemShelf.of(items), FACE.language)
    assert isinstance(found, Edition)
    return found


def links(of: Edition) -> NewsletterLinks:
    token = "44w9c3b2k7m1p0q8r5s6t4v2x3y7z"
    return NewsletterLinks(
        reply_to=f"reply+{token}@school.test",
        section_reply={s.ordinal: f"reply+{token[:-2]}{s.ordinal:02d}@school.test" for s in of.sections if s.ordinal},
        section_ref={s.ordinal: f"Ref 7k3m-9q{s.ordinal:02d}" for s in of.sections if s.ordinal},
        unsubscribe_mail=f"reply+{token}@school.test",
    )


DIGEST = DigestPage(
    teacher="Ms Horn",
    day=date(2026, 11, 30),
    entries=(
        DigestEntry(
            number=1,
            child_id="c-ida",
            child="Ida Lopez",
            class_title="Class 3B",
            guardian="Maria Lopez",
            relation="mother",
            turns=(
                DigestTurn(
                    at=datetime(2026, 11, 27, 17, 12, tzinfo=UTC),
                    words="Dear Ms Horn,\n\nwe sing 'La cucaracha' every Sunday. Ida can bring her guitar?",
                ),
                DigestTurn(
                    at=datetime(2026, 11, 28, 8, 2, tzinfo=UTC),
                    words="Here is a photo of it.",
                    attachments=("guitar.jpg",),
                ),
            ),
            subject="Re: News of 27 November (Ida)",
            reply_to="reply+11111111111111111111111111111@school.test",
            not_mine="reply+22222222222222222222222222222@school.test",
        ),
        DigestEntry(
            number=2,
            child_id="c-ida",
            child="Ida Lopez",
            class_title="Class 3B",
            guardian="Jon Lopez",
            relation="father",
            turns=(
                DigestTurn(
                    at=datetime(2026, 11, 28, 9, 30, tzinfo=UTC),
                    words="Ida has a doctor's appointment on Tuesday at 10.",
                ),
            ),
            subject="Tuesday",
            reply_to="reply+33333333333333333333333333333@school.test",
        ),
        DigestEntry(
            number=3,
            child_id="c-sami",
            child="Sami Haddad",
            class_title="Class 3B",
            guardian="Layla Haddad",
            relation="parent",
            turns=(
                DigestTurn(
                    at=datetime(2026, 11, 29, 18, 0, tzinfo=UTC),
                    words="مساء الخير، هل يحتاج سامي إلى ملابس دافئة يوم الخميس؟",
                ),
            ),
            subject="سؤال",
            reply_to="reply+44444444444444444444444444444@school.test",
        ),
    ),
)
#: News from home behind what waits, files of every kind, a mail whose child she picks, buttons for another rhythm.
NEWS_DIGEST = replace(
    DIGEST,
    entries=(
        *DIGEST.entries,
        replace(
            DIGEST.entries[2],
            number=4,
            child_id="c-leo",
            child="Leo Lopez",
            from_home=True,
            turns=(
                DigestTurn(
                    at=datetime(2026, 11, 29, 18, 0, tzinfo=UTC),
                    words="Here is a photo of the bridge he built.",
                    files=("4 bridge.jpg",),
                    earlier=("plan.pdf",),
                    attachments=("bridge.zip",),
                ),
            ),
        ),
        replace(
            DIGEST.entries[0],
            number=5,
            child_id="mail-5",
            child="Ida Lopez / Leo Lopez",
            reply_to="",
            not_mine="",
            picks=(
                Choice(kind=ChoiceKind.CHILD, name="Ida", address="reply+88888888888888888888888888888@school.test"),
            ),
        ),
    ),
    rhythms=tuple(
        Choice(kind=ChoiceKind.RHYTHM, name=name, address="reply+99999999999999999999999999991@school.test")
        for name in ("twice", "weekly")
    ),
)
ANSWER = AnswerPage(
    guardian="Maria Lopez",
    language="en",
    teacher="Ms Horn",
    child="Ida",
    class_title="Class 3B",
    words="Dear Ms Lopez,\n\na lovely idea. Thursday after the break would be perfect.\n\nWarm regards\nPetra Horn",
    subject="Re: News of 27 November (Ida)",
    reply_to="reply+55555555555555555555555555555@school.test",
    visible_ref="Ref 7k3m-9q01",
)
REFILE = (
    Choice(kind=ChoiceKind.CHILD, name="Leo", address="reply+66666666666666666666666666666@school.test"),
    Choice(kind=ChoiceKind.OFFICE, address="reply+77777777777777777777777777777@school.test"),
)
RECEIPT = NoticePage(
    kind=NoticeKind.RECEIPT,
    person="Maria Lopez",
    language="en",
    subject="Re: News of 27 November",
    child="Ida",
    teachers=("Ms Horn",),
    choices=REFILE,
)
ASK = NoticePage(
    kind=NoticeKind.ASK,
    person="Maria Lopez",
    language="en",
    subject="Tomorrow",
    choices=(
        Choice(kind=ChoiceKind.CHILD, name="Ida", address="reply+88888888888888888888888888888@school.test"),
        *REFILE,
    ),
)
CLAIM = NoticePage(
    kind=NoticeKind.CLAIM,
    person="Maria Lopez",
    language="en",
    at=datetime(2026, 11, 28, 8, 2, tzinfo=UTC),
    choices=(
        Choice(kind=ChoiceKind.YES, address="reply+99999999999999999999999999999@school.test"),
        Choice(kind=ChoiceKind.NO, address="reply+00000000000000000000000000000@school.test"),
    ),
)
UNDELIVERED = NoticePage(
    kind=NoticeKind.UNDELIVERED,
    person="Ms Horn",
    subject="3 messages from families",
    words="Yes, Thursday is fine.\n\nPetra Horn",
    reason="no-item",
    choices=(
        Choice(
            kind=ChoiceKind.CONVERSATION,
            name="Maria Lopez (Ida)",
            address="reply+11111111111111111111111111112@school.test",
        ),
    ),
)
STAFF_RECEIPT = NoticePage(
    kind=NoticeKind.STAFF_RECEIPT,
    person="Ms Horn",
    subject="3 messages from families",
    done=(
        DoneLine(number=1, child="Ida Lopez", guardian="Maria Lopez", what="answer"),
        DoneLine(number=3, child="Sami Haddad", guardian="Layla Haddad", what="thanks"),
    ),
    until=datetime(2026, 11, 30, 16, 15, tzinfo=UTC),
    files=("packing list.pdf",),
    words="Yes, Thursday is fine.",
    reason="no-item",
    choices=UNDELIVERED.choices,
)
OFFICE = NoticePage(
    kind=NoticeKind.OFFICE,
    person="Linden School",
    tray=(
        TrayLine(mail=12, state="triage", reasons=("several-children",), suggestions=("Leo Berg", "Ida Berg (music)")),
        TrayLine(mail=14, state="held", reasons=("author-not-verified", "safeguarding")),
    ),
    untold=(TrayLine(mail=9, state="perhaps sent"),),
)
NOTICES = (RECEIPT, ASK, CLAIM, UNDELIVERED, STAFF_RECEIPT, OFFICE)

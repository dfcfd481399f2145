"""A week of content for a sample school: Markdown files with front matter, as teachers would write them."""

from dataclasses import dataclass
from datetime import date, timedelta

from office.demo.cast import CAST
from office.demo.sample_school import SampleSchool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Text:
    title: str
    body: str


#: What every class hears from its own teacher this week, by grade. Each ends with something a family can answer.
CLASS_NEWS: dict[int, _Text] = {
    1: _Text(
        title="The class snail has a name",
        body="After three votes and one recount our snail is called **Professor Slow**. We measured how far it travels "
        "during story time (eleven centimetres!) and wrote our first number sentences about it.\n\n"
        "*For the walk home:* which animal would your child choose for the classroom, and what would it need?",
    ),
    2: _Text(
        title="We baked with fractions",
        body="Half a cup, a quarter of a spoon: this week fractions smelled of cinnamon. Every child halved a recipe "
        "for oat biscuits, and we ate the remainder.\n\nDo you have a **family recipe** that we could halve next week? "
        "Just press Reply and tell us.",
    ),
    3: _Text(
        title="Bridges that hold a hedgehog",
        body="We built bridges from paper and tape. The winner held *two and a half* dictionaries. The children drew "
        "what pulls and what pushes in each one.\n\nIs there a bridge near you that your child likes? Tell us.",
    ),
    4: _Text(
        title="Letters to the river",
        body="On Tuesday we followed the Linden brook to the old mill and wrote it letters. Some asked where the water "
        "sleeps. Next week we turn them into poems.\n\n**Please bring** rubber boots on Wednesday.",
    ),
    5: _Text(
        title="The great seed experiment",
        body="Five pots, five kinds of light, one question: what does a bean need most? The children keep a daily log. "
        "So far the bean in the cupboard is the longest. Ask your child why!\n\nWhat grows at your home?",
    ),
    6: _Text(
        title="Debate: should school start at nine?",
        body="Two teams, three rounds, one very strict timekeeper. The best argument came from the side that lost.\n\n"
        "We are looking for grown-ups who would **tell us about their work** in ten minutes. Would you?",
    ),
}

MUSIC = _Text(
    title="Winter concert: we need your lungs",
    body="The choir is learning three songs, one of them in a language from a family of this class. "
    "If you play an instrument or know a **winter song from your home**, please write to me. "
    "Recorders come home on Fridays and back on Mondays.",
)

CHILD_NOTES = (
    _Text(
        title="A kind moment",
        body="On Thursday {name} stayed behind to help a new classmate find the lost-property box. "
        "Nobody had asked. I thought you would like to know.",
    ),
    _Text(
        title="Reading with both hands",
        body="{name} read a whole page aloud today, to the guinea pig, who listened very well. "
        "Five minutes together this weekend would be a lovely next step.",
    ),
)

WELCOME: dict[str, _Text] = {
    "en": _Text(
        title="A warm hello from the front desk",
        body="The linden trees have dropped their last leaves, and the caretaker has found forty-one single gloves. "
        "They wait on the blue bench.\n\nYou can answer this letter with **Reply**: it reaches your child's teacher, "
        "and nobody else.",
    ),
    "es": _Text(
        title="Un saludo cariñoso desde la entrada",
        body="Los tilos ya no tienen hojas y el conserje ha encontrado cuarenta y un guantes sueltos. "
        "Esperan en el banco azul.\n\nPuede contestar a esta carta con **Responder**: llega a la maestra o al maestro "
        "de su hijo, y a nadie más.",
    ),
    "ar": _Text(
        title="تحية دافئة من مكتب المدرسة",
        body="سقطت آخر أوراق أشجار الزيزفون، ووجد حارس المدرسة واحدًا وأربعين قفازًا منفردًا. "
        "إنها تنتظر على المقعد الأزرق.\n\nيمكنكم الإجابة على هذه الرسالة بالضغط على **رد**: تصل إلى معلم طفلكم فقط.",
    ),
    "zh-Hans": _Text(
        title="来自前台的问候",
        body="椴树的叶子落光了，校工师傅捡到了四十一只单只手套，都放在蓝色长椅上等主人。\n\n"
        "您可以直接**回复**这封信：只有您孩子的老师会收到。",
    ),
}

PICNIC: dict[str, _Text] = {
    "en": _Text(
        title="Winter picnic under the lindens",
        body="Blankets, soup and a fire bowl. Every class brings one thing to share; no tickets, no list. "
        "If it rains we move to the hall.",
    ),
    "es": _Text(
        title="Picnic de invierno bajo los tilos",
        body="Mantas, sopa y una hoguera pequeña. Cada clase trae algo para compartir; sin entradas y sin lista. "
        "Si llueve, nos vamos al salón.",
    ),
    "ar": _Text(
        title="نزهة شتوية تحت أشجار الزيزفون",
        body="بطانيات وحساء وموقد نار صغير. كل صف يحضر شيئًا للمشاركة، بلا تذاكر. إذا هطل المطر ننتقل إلى القاعة.",
    ),
    "zh-Hans": _Text(
        title="椴树下的冬日野餐",
        body="毯子、热汤和一盆炉火。每个班带一样东西来分享，不用门票。如果下雨，我们就到礼堂去。",
    ),
}

QUESTION: dict[str, _Text] = {
    "en": _Text(
        title="A question for your kitchen table",
        body="What did *you* play when you were seven? Tell us in a line or two. We collect games from every family.",
    ),
    "es": _Text(
        title="Una pregunta para la mesa de la cocina",
        body="¿A qué jugaba *usted* cuando tenía siete años? Cuéntenoslo en una línea. Reunimos juegos de todos.",
    ),
}

TRY_AT_HOME = _Text(
    title="Five minutes: the shadow clock",
    body="Stand a pencil on a sheet of paper by a window and mark its shadow at breakfast, at noon and at tea. "
    "What moved? No materials to buy, and cloudy days are allowed.",
)


def sample_items(school: SampleSchool, issue_date: date) -> dict[str, str]:
    """{file name: text} for one issue; a translation stands beside its original as `picnic.es.md`."""
    files: dict[str, str] = {}
    for language, text in WELCOME.items():
        files[_name("welcome", language)] = _file(text, "news", "school", issue_date, language)
    for language, text in PICNIC.items():
        files[_name("picnic", language)] = _file(
            text, "event", "school", issue_date, language, event=_picnic_time(issue_date)
        )
    for group in school.homerooms:
        text = CLASS_NEWS[int(group.id[0])]
        kind = "question" if text.body.rstrip("*").endswith("?") else "news"
        files[f"class-{group.id.lower()}.md"] = _file(text, kind, f"class:{group.id}", issue_date, "en")
    first = school.homerooms[0]
    for language, text in QUESTION.items():
        files[_name("kitchen-table", language)] = _file(text, "question", f"class:{first.id}", issue_date, language)
    files["shadow-clock.md"] = _file(TRY_AT_HOME, "try", f"class:{school.homerooms[-1].id}", issue_date, "en")
    files |= _music(school, issue_date) | _child_notes(school, issue_date)
    return files


def _music(school: SampleSchool, issue_date: date) -> dict[str, str]:
    """One music item, for a third-grade class where there is one."""
    groups = [group for group in school.roster.classes if group.subject == "Music"]
    group = next((group for group in groups if group.id.startswith("3")), groups[0])
    return {"winter-concert.md": _file(MUSIC, "news", f"class:{group.id}", issue_date, "en")}


def _child_notes(school: SampleSchool, issue_date: date) -> dict[str, str]:
    """Two children of the cast are mentioned by name, each only in their own family's letters."""
    names = {child.id: child.first_name for child in school.roster.children}
    mentioned = [child.id for family in CAST for child in family.children if child.id in names][: len(CHILD_NOTES)]
    return {
        f"note-{child_id}.md": _file(
            _Text(title=note.title, body=note.body.format(name=names[child_id])),
            "news",
            f"child:{child_id}",
            issue_date,
            "en",
        )
        for child_id, note in zip(mentioned, CHILD_NOTES, strict=False)
    }


def _picnic_time(issue_date: date) -> str:
    day = issue_date + timedelta(weeks=1)
    return f"begins: {day} 15:30\nends: 18:00\nplace: School garden\n"


def _name(stem: str, language: str) -> str:
    return f"{stem}.md" if language == "en" else f"{stem}.{language}.md"


def _file(text: _Text, kind: str, audience: str, issue_date: date, language: str, *, event: str = "") -> str:
    front = (
        f"title: {text.title}\nkind: {kind}\naudience: {audience}\ndate: {issue_date}\nlanguage: {language}\n{event}"
    )
    return f"---\n{front}---\n\n{text.body}\n"

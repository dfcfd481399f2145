"""What families and teachers of the demo say: sentences in four languages, none like another."""

#: Families. {n} keeps two answers apart, {child} is the first name, {teacher} as families call her or him.
FAMILY: dict[str, tuple[str, ...]] = {
    "en": (
        "Dear {teacher},\n\nwe tried it on Saturday and counted {n} of them. {child} was very proud and told everyone.",
        "Hello {teacher}, {child} talked about it all through supper. We found {n} pictures from when we were small.",
        "{child} would love to bring something from home on Tuesday. We have about {n}, is that too many?",
        "Thank you for writing about this! {child} asked {n} questions on the way home, and I knew the answer to one.",
        "Good evening. {child} slept badly and may be tired on Monday. We read {n} pages and then gave up.",
        "My grandmother taught me a game for this, it needs {n} chestnuts. May {child} show it to the class?",
        "I work in the harbour and could show the children how we load {n} containers in an hour. {child} can ask me.",
        "We have no rubber boots in that size. Could {child} borrow some? We live at number {n}, ten minutes away.",
    ),
    "es": (
        "Estimada escuela:\n\nlo probamos en casa el sábado y contamos {n}. ¡{child} estaba feliz!",
        "Buenas tardes. A {child} le gustaría llevar algo de casa el martes. Tenemos {n}, ¿son demasiados?",
        "En mi pueblo jugábamos a eso con {n} piedras. {child} puede enseñarlo en clase, si le parece bien.",
        "{child} no ha dormido bien y el lunes estará con sueño. Leímos {n} páginas. Mañana será otro día.",
    ),
    "ar": (
        "مساء الخير،\n\nجربنا ذلك في البيت يوم السبت وعددنا {n}. كان طفلنا سعيدًا جدًا.",
        "السلام عليكم، نود أن نحضر شيئًا من البيت يوم الثلاثاء. لدينا {n}، هل هذا كثير؟",
        "كانت جدتي تلعب هذه اللعبة معنا بـ {n} حجرًا. هل يمكن أن نعرضها في الصف؟",
    ),
    "zh-Hans": (
        "老师您好：\n\n我们周六在家里试了一下，一共数到{n}个，孩子特别高兴。",
        "老师，孩子想星期二从家里带一点东西去学校，大概有{n}个，会不会太多？",
        "我小时候和奶奶玩过这个游戏，要用{n}颗石子。可以让孩子在班里表演吗？",
    ),
}

#: About nobody in particular: from a family with several children it needs a person.
NOBODY: dict[str, str] = {
    "en": "Could you tell us when the bus is back on Wednesday? We can be at the gate from a quarter past {n} on.",
    "es": "¿Nos pueden decir a qué hora vuelve el autobús el miércoles? Podemos esperar {n} minutos en la puerta.",
    "ar": "هل يمكنكم أن تخبرونا متى تعود الحافلة يوم الأربعاء؟ يمكننا الانتظار {n} دقيقة عند الباب.",
    "zh-Hans": "请问星期三的校车几点回到学校？我们可以在门口等{n}分钟。",
}

THANKS = "Thank you so much!"
ONE_NAMED = "{child} has a cough and stays at home on Monday. We will practise number {n} instead."
BOTH_NAMED = "{child} has a cough and stays in bed. {sibling} forgot the swimming bag, locker {n}. Could somebody help?"
PHOTO = "We built one at home, it holds {n} hedgehogs. Here is a photo of the first of them!"
SERIOUS = "The court order about custody has changed. May I speak to somebody about it before {n} December?"
OTHER_ADDRESS = "Writing from my office today: {child} will be picked up by the neighbours, car number {n}."
OWN_MAIL = "I could not find the letter any more, so I simply write to you: {child} has lost mitten number {n}."
BARRED = "I want to know what my daughter does at school. Please send me everything from page {n} on."
AGAIN = "That is wonderful, thank you. We will come at ten past {n} and bring the blankets."

#: Teachers' answers.
TEACHER = (
    "Thank you for telling me! We will try it together on Thursday, and I will let you know how it went. ({n})",
    "What a lovely idea. Yes, please! The children will be delighted; number {n} on our list is yours.",
    "That is good to know. I will keep an eye on it, and there is a quiet corner with {n} cushions.",
    "I had to laugh at that. May I read it to the class? We collected {n} of these already.",
)
EVERYONE = "Thank you all for your kind words, I read every one of them. ({n})"

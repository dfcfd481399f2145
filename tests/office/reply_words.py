"""What parents write, in fourteen languages: an absence, a question, thanks, a long tale, naming a child or nobody.

{child} is a first name, {sibling} another child's of the family; {n} keeps two mails apart. None tells of anything
that only the office reads.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Tongue:
    absence: str  #: names one child
    question: str  #: names one child
    nobody: str  #: names nobody
    both: str  #: names two
    thanks: str
    long: str  #: a paragraph that names nobody, to be put after any other


TONGUES: dict[str, Tongue] = {
    "en": Tongue(
        absence="{child} has a cold and stays at home on Monday.",
        question="May {child} bring {n} chestnuts on Tuesday?",
        nobody="When is the bus back on Wednesday? We wait from {n} past three on.",
        both="{child} has a cold. {sibling} forgot the swimming bag, locker {n}.",
        thanks="Thank you so much!",
        long="We talked about it all through supper.\n"
        "Then we looked for the old photographs and found {n} of them.\n\n"
        "Perhaps we can show them some day.",
    ),
    "es": Tongue(
        absence="{child} está resfriado y se queda en casa el lunes.",
        question="¿Puede {child} llevar {n} castañas el martes?",
        nobody="¿A qué hora vuelve el autobús el miércoles? Esperamos {n} minutos en la puerta.",
        both="{child} está resfriado. {sibling} olvidó la bolsa de natación, taquilla {n}.",
        thanks="¡Muchas gracias!",
        long="Hablamos de ello durante toda la cena.\nLuego buscamos las fotos viejas y encontramos {n}.\n\n"
        "Quizá podamos enseñarlas algún día.",
    ),
    "de": Tongue(
        absence="{child} ist erkältet und bleibt am Montag zu Hause.",
        question="Darf {child} am Dienstag {n} Kastanien mitbringen?",
        nobody="Wann ist der Bus am Mittwoch zurück? Wir warten {n} Minuten am Tor.",
        both="{child} ist erkältet. {sibling} hat den Schwimmbeutel vergessen, Fach {n}.",
        thanks="Vielen Dank!",
        long="Wir haben beim Abendessen lange darüber gesprochen.\n"
        "Dann suchten wir die alten Bilder und fanden {n}.\n\n"
        "Vielleicht können wir sie einmal zeigen.",
    ),
    "fr": Tongue(
        absence="{child} a un rhume et reste à la maison lundi.",
        question="Est-ce que {child} peut apporter {n} marrons mardi ?",
        nobody="À quelle heure le bus revient-il mercredi ? Nous attendons {n} minutes devant le portail.",
        both="{child} a un rhume. {sibling} a oublié le sac de piscine, casier {n}.",
        thanks="Merci beaucoup !",
        long="Nous en avons parlé pendant tout le dîner.\n"
        "Puis nous avons cherché les vieilles photos : il y en a {n}.\n\n"
        "Nous pourrions les montrer un jour.",
    ),
    "pl": Tongue(
        absence="{child} ma katar i w poniedziałek zostaje w domu.",
        question="Czy {child} może przynieść {n} kasztanów we wtorek?",
        nobody="O której wraca autobus w środę? Czekamy {n} minut przy bramie.",
        both="{child} ma katar. {sibling} nie ma worka na basen, szafka {n}.",
        thanks="Dziękuję bardzo!",
        long="Rozmawialiśmy o tym przez całą kolację.\nPotem szukaliśmy starych zdjęć i znaleźliśmy {n}.\n\n"
        "Może kiedyś je pokażemy.",
    ),
    "tr": Tongue(
        absence="{child} nezle oldu, pazartesi evde kalacak.",
        question="{child} salı günü {n} kestane getirebilir mi?",
        nobody="Otobüs çarşamba günü saat kaçta dönüyor? Kapıda {n} dakika bekleriz.",
        both="{child} nezle oldu. {sibling} yüzme çantasını unuttu, dolap {n}.",
        thanks="Çok teşekkürler!",
        long="Bütün akşam yemeğinde bunu konuştuk.\nSonra eski fotoğrafları aradık ve {n} tane bulduk.\n\n"
        "Belki bir gün gösteririz.",
    ),
    "uk": Tongue(
        absence="{child} має нежить і в понеділок залишиться вдома.",
        question="Чи може {child} принести {n} каштанів у вівторок?",
        nobody="О котрій повертається автобус у середу? Ми чекаємо {n} хвилин біля воріт.",
        both="{child} має нежить. {sibling} не має сумки для басейну, шафка {n}.",
        thanks="Щиро дякую!",
        long="Ми говорили про це весь вечір.\n"
        "Потім шукали старі світлини і знайшли {n}.\n\nМожливо, колись покажемо їх.",
    ),
    "ru": Tongue(
        absence="У нас насморк, {child} в понедельник останется дома.",
        question="Можно ли, чтобы {child} во вторник взял с собой {n} каштанов?",
        nobody="Во сколько автобус вернётся в среду? Мы ждём {n} минут у ворот.",
        both="{child} простужен. {sibling} без сумки для бассейна, шкафчик {n}.",
        thanks="Большое спасибо!",
        long="Мы говорили об этом весь ужин.\n"
        "Потом искали старые фотографии и нашли {n}.\n\nМожет быть, когда-нибудь покажем.",
    ),
    "ar": Tongue(
        absence="{child} مصاب بالزكام وسيبقى في البيت يوم الاثنين.",
        question="هل يمكن أن يحضر {child} معه {n} حبات كستناء يوم الثلاثاء؟",
        nobody="متى تعود الحافلة يوم الأربعاء؟ ننتظر {n} دقيقة عند الباب.",
        both="{child} مصاب بالزكام. ونسي {sibling} حقيبة السباحة، الخزانة {n}.",
        thanks="شكرا جزيلا!",
        long="تحدثنا عن ذلك طوال العشاء.\nثم بحثنا عن الصور القديمة ووجدنا {n} منها.\n\nربما نعرضها يومًا ما.",
    ),
    "zh-Hans": Tongue(
        absence="{child} 感冒了，星期一在家休息。",
        question="{child} 星期二可以带 {n} 个栗子吗？",
        nobody="请问星期三的校车几点回来？我们在门口等 {n} 分钟。",
        both="{child} 感冒了。{sibling} 忘了带游泳包，{n} 号柜。",
        thanks="非常感谢！",
        long="我们吃晚饭的时候一直在说这件事。\n后来找出了 {n} 张老照片。\n\n也许哪天可以给大家看看。",
    ),
    "ro": Tongue(
        absence="{child} este răcit și rămâne luni acasă.",
        question="Poate {child} să aducă {n} castane marți?",
        nobody="La ce oră se întoarce autobuzul miercuri? Așteptăm {n} minute la poartă.",
        both="{child} este răcit. {sibling} a uitat geanta de înot, dulapul {n}.",
        thanks="Mulțumesc!",
        long="Am vorbit despre asta toată cina.\n"
        "Apoi am căutat pozele vechi și am găsit {n}.\n\nPoate le arătăm cândva.",
    ),
    "pt": Tongue(
        absence="{child} está constipado e fica em casa na segunda-feira.",
        question="O {child} pode levar {n} castanhas na terça-feira?",
        nobody="A que horas volta o autocarro na quarta-feira? Esperamos {n} minutos ao portão.",
        both="{child} está constipado. {sibling} esqueceu o saco da natação, cacifo {n}.",
        thanks="Muito obrigada!",
        long="Falámos disso durante todo o jantar.\n"
        "Depois procurámos as fotografias antigas e achámos {n}.\n\n"
        "Talvez as possamos mostrar um dia.",
    ),
    "it": Tongue(
        absence="{child} ha il raffreddore e lunedì resta a casa.",
        question="{child} può portare {n} castagne martedì?",
        nobody="A che ora torna il pullman mercoledì? Aspettiamo {n} minuti al cancello.",
        both="{child} ha il raffreddore. {sibling} non ha la borsa del nuoto, armadietto {n}.",
        thanks="Grazie mille!",
        long="Ne abbiamo parlato per tutta la cena.\nPoi abbiamo cercato le vecchie foto: sono {n}.\n\n"
        "Forse un giorno le mostreremo.",
    ),
    "vi": Tongue(
        absence="{child} bị cảm và thứ Hai ở nhà.",
        question="{child} có thể mang {n} hạt dẻ vào thứ Ba không?",
        nobody="Thứ Tư xe buýt về lúc mấy giờ? Chúng tôi đợi {n} phút ở cổng.",
        both="{child} bị cảm. {sibling} quên túi bơi, tủ số {n}.",
        thanks="Cảm ơn rất nhiều!",
        long="Cả nhà nói về chuyện đó suốt bữa tối.\n"
        "Sau đó chúng tôi tìm được {n} tấm ảnh cũ.\n\nCó lẽ hôm nào sẽ cho xem.",
    ),
}

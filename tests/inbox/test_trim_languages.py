"""The line where a quotation begins is known in the languages of a school's families."""

import tomllib
from pathlib import Path

import pytest

import inbox.trim
from inbox.trim import SpanKind, trim

REPLY = "Leo 39.2 °C.\n\nMia Berg"

# What mail programs write above a quotation, filled with an invented school.
ATTRIBUTIONS = {
    "en gmail": "On Fri, Apr 3, 2026 at 4:05 PM Hillside School <news@school.test> wrote:",
    "en apple": "On 3 Apr 2026, at 16:05, Hillside School <news@school.test> wrote:",
    "en yahoo": "    On Friday, April 3, 2026 at 04:05:10 PM GMT+1, Hillside School <news@school.test> wrote:",
    "en thunderbird": "On 03/04/2026 16:05, Hillside School wrote:",
    "de gmail": "Am Fr., 3. Apr. 2026 um 16:05 Uhr schrieb Hillside School <news@school.test>:",
    "de apple": "Am 03.04.2026 um 16:05 schrieb Hillside School <news@school.test>:",
    "de name first": "Hillside School <news@school.test> schrieb am Fr. 3. Apr. 2026 um 16:05:",
    "fr gmail": "Le ven. 3 avr. 2026 à 16:05, Hillside School <news@school.test> a écrit :",
    "es gmail": "El vie, 3 abr 2026 a las 16:05, Hillside School (<news@school.test>) escribió:",
    "ca gmail": "El dv., 3 d’abr. 2026, 16:05, Hillside School <news@school.test> va escriure:",
    "it gmail": "Il giorno ven 3 apr 2026 alle ore 16:05 Hillside School <news@school.test> ha scritto:",
    "pt gmail": "Em sex., 3 de abr. de 2026 às 16:05, Hillside School <news@school.test> escreveu:",
    "ro gmail": "În vin., 3 apr. 2026 la 16:05, Hillside School <news@school.test> a scris:",
    "nl gmail": "Op vr 3 apr 2026 om 16:05 schreef Hillside School <news@school.test>:",
    "da gmail": "Den fre. 3. apr. 2026 kl. 16.05 skrev Hillside School <news@school.test>:",
    "sv gmail": "Den fre 3 apr. 2026 kl 16:05 skrev Hillside School <news@school.test>:",
    "no gmail": "fre. 3. apr. 2026 kl. 16:05 skrev Hillside School <news@school.test>:",
    "fi gmail": "pe 3. huhtik. 2026 klo 16.05 Hillside School (news@school.test) kirjoitti:",
    "et gmail": "Kuupäev R, 3. aprill 2026 kell 16:05 kirjutas Hillside School <news@school.test>:",
    "lv gmail": "Piektd., 2026. g. 3. apr., plkst. 16:05 Hillside School <news@school.test> rakstīja:",
    "lt gmail": "2026-04-03, pn, 16:05 Hillside School <news@school.test> rašė:",
    "pl gmail": "pt., 3 kwi 2026 o 16:05 Hillside School <news@school.test> napisał(a):",
    "cs gmail": "pá 3. 4. 2026 v 16:05 odesílatel Hillside School <news@school.test> napsal:",
    "sk gmail": "pi 3. 4. 2026 o 16:05 Hillside School <news@school.test> napísal(a):",
    "hu gmail": "Hillside School <news@school.test> ezt írta (időpont: 2026. ápr. 3., P, 16:05):",
    "hr gmail": "pet, 3. tra 2026. u 16:05 Hillside School <news@school.test> napisao je:",
    "sr gmail": "пет, 3. апр 2026. у 16:05 Hillside School <news@school.test> је написао/ла:",
    "sl gmail": "V V pet., 3. apr. 2026 ob 16:05 je oseba Hillside School <news@school.test> napisala:",
    "bg gmail": "На пт, 3.04.2026 г. в 16:05 Hillside School <news@school.test> написа:",
    "ru gmail": "пт, 3 апр. 2026 г. в 16:05, Hillside School <news@school.test>:",
    "ru thunderbird": "03.04.2026 16:05, Hillside School пишет:",
    "uk gmail": "пт, 3 квіт. 2026 р. о 16:05 Hillside School <news@school.test> пише:",
    "el gmail": "Στις Παρ 3 Απρ 2026 στις 4:05 μ.μ., ο/η Hillside School <news@school.test> έγραψε:",
    "tr gmail": "Hillside School <news@school.test>, 3 Nis 2026 Cum, 16:05 tarihinde şunu yazdı:",
    "ar gmail": "في الجمعة، 3 أبريل 2026 في 4:05 م تمت كتابة ما يلي بواسطة \u202aHill\u202c\u200f <news@school.test>:",
    "ar apple": "\u202bفي ٠٣\u200f/٠٤\u200f/٢٠٢٦ الساعة ٤:٠٥ م، كتب/كتبت Hillside \u200f<news@school.test>:\u202c",
    "he gmail": "\u202bבתאריך יום ו׳, 3 באפר׳ 2026 ב-16:05 מאת \u202aHillside\u202c\u200f <news@school.test>:\u202c",
    "fa gmail": "در تاریخ جمعه ۳ آوریل ۲۰۲۶،\u200f ۱۶:۰۵ Hillside <news@school.test> نوشت:",
    "ur gmail": "بروز جمعہ، 3 اپریل، 2026 کو 4:05 PM بجے Hillside <news@school.test> نے لکھا:",
    "hi gmail": "शुक्र, 3 अप्रैल 2026 को 4:05 pm बजे Hillside <news@school.test> ने लिखा:",
    "bn gmail": "শুক্র, ৩ এপ্রিল, ২০২৬ তারিখে ৪:০৫ PM টায় Hillside <news@school.test> লিখেছেন:",
    "pa": "ਸ਼ੁੱਕਰ, 3 ਅਪ੍ਰੈਲ 2026 ਨੂੰ 4:05 Hillside <news@school.test> ਨੇ ਲਿਖਿਆ:",
    "ta gmail": "வெள்., 3 ஏப்., 2026, பிற்பகல் 4:05 அன்று, Hillside <news@school.test> எழுதியது:",
    "ms gmail": "Pada Jum, 3 Apr 2026 pada 4:05 PTG Hillside <news@school.test> menulis:",
    "id gmail": "Pada tanggal Jum, 3 Apr 2026 pukul 16.05 Hillside <news@school.test> menulis:",
    "vi gmail": "Vào Th 6, 3 thg 4, 2026 vào lúc 16:05 Hillside <news@school.test> đã viết:",
    "tl gmail": "Noong Biy, Abr 3, 2026 nang 4:05 PM, sinulat ni Hillside <news@school.test> ang:",
    "so": "Taariikhda 3 Abriil 2026 16:05 Hillside <news@school.test> ayaa qoray:",
    "sw gmail": "Mnamo Ijm, 3 Apr 2026 saa 16:05 Hillside <news@school.test> aliandika:",
    "zh-CN gmail": "Hillside <news@school.test> 于2026年4月3日周五 16:05写道:",
    "zh-TW gmail": "Hillside <news@school.test> 於 2026年4月3日 週五 下午4:05寫道:",
    "ja gmail": "2026年4月3日(金) 16:05 Hillside <news@school.test>:",
    "ko gmail": "2026년 4월 3일 (금) 오후 4:05, Hillside <news@school.test>님이 작성:",
    "th gmail": "ในวันที่ ศ. 3 เม.ย. 2569 เวลา 16:05 Hillside <news@school.test> เขียนว่า:",
    "sq": "Më pre, 3 pri 2026 16:05 Hillside <news@school.test> shkroi:",
    "am": "ዓርብ 3 ኤፕሪል 2026 16:05 Hillside <news@school.test> ጻፈ:",
}

# The header lines of Outlook and Samsung: from, sent, to, subject.
HEADER_LINES = {
    "en": "From Sent To Subject",
    "de": "Von Gesendet An Betreff",
    "fr": "De Envoyé À Objet",
    "es": "De Enviado Para Asunto",
    "it": "Da Inviato A Oggetto",
    "pt": "De Enviada Para Assunto",
    "nl": "Van Verzonden Aan Onderwerp",
    "da": "Fra Sendt Til Emne",
    "sv": "Från Skickat Till Ämne",
    "fi": "Lähettäjä Lähetetty Vastaanottaja Aihe",
    "pl": "Od Wysłano Do Temat",
    "cs": "Od Odesláno Komu Předmět",
    "hu": "Feladó Elküldve Címzett Tárgy",
    "ro": "De_la Trimis Către Subiect",
    "el": "Από Στάλθηκε Προς Θέμα",
    "tr": "Kimden Gönderildi Kime Konu",
    "ru": "От Отправлено Кому Тема",
    "uk": "Від Надіслано Кому Тема",
    "ar": "من تاريخ_الإرسال إلى الموضوع",
    "he": "מאת נשלח אל נושא",
    "vi": "Từ Ngày_gửi Đến Chủ_đề",
    "id": "Dari Dikirim Kepada Subjek",
    "ms": "Daripada Dihantar Kepada Subjek",
    "hi": "प्रेषक भेजा_गया प्रति विषय",
    "zh": "发件人 发送时间 收件人 主题",
    "ja": "差出人 送信日時 宛先 件名",
    "ko": "보낸_사람 보낸_날짜 받는_사람 제목",
    "th": "จาก ส่งเมื่อ ถึง เรื่อง",
}
FOOTERS = (
    "Sent from my iPhone",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPhone",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Enviado do meu iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Sendt fra min iPhone",
    "Skickat från min iPhone",
    "Lähetetty iPhonesta",
    "Wysłane z iPhone'a",
    "Odesláno z iPhonu",
    "Отправлено с iPhone",
    "Надіслано з iPhone",
    "iPhone'umdan gönderildi",
    "\u202bأُرسلت من الـ iPhone\u202c",
    "נשלח מה-iPhone שלי",
    "Đã gửi từ iPhone của tôi",
    "发自我的iPhone",
    "iPhoneから送信",
    "나의 iPhone에서 보냄",
    "Dikirim dari iPhone saya",
    "Sent from my Galaxy",
    "Get Outlook for iOS",
    "Outlook für Android beziehen",
    "Sent from Yahoo Mail for iPhone",
    "मेरे iPhone से भेजा गया",
)


@pytest.mark.parametrize("case", ATTRIBUTIONS)
def test_attribution_above_unmarked_text_begins_the_quotation(case):
    text = f"{REPLY}\n\n{ATTRIBUTIONS[case]}\n\nThis week in class 3B\nWe go to the museum.\n"

    assert trim(text).new_text == REPLY


@pytest.mark.parametrize("case", ATTRIBUTIONS)
def test_wrapped_attribution_is_taken_whole(case):
    head, address, tail = ATTRIBUTIONS[case].partition("news@school.test")
    wrapped = f"{head}\n{address}{tail}" if address else head

    assert trim(f"{REPLY}\n\n{wrapped}\n> This week in class 3B\n> We go to the museum.\n").new_text == REPLY


@pytest.mark.parametrize("language", HEADER_LINES)
@pytest.mark.parametrize("rule", ["", "_" * 32 + "\n", "-----\n"])
def test_header_lines_begin_the_quotation(language, rule):
    names = [name.replace("_", " ") for name in HEADER_LINES[language].split()]
    values = ["Hillside <news@school.test>", "3.4.2026 16:05", "Mia Berg <mia@example.org>", "This week"]
    block = "".join(f"{name}: {value}\n" for name, value in zip(names, values, strict=True))

    assert trim(f"{REPLY}\n\n{rule}{block}\nThis week in class 3B\n").new_text == REPLY


@pytest.mark.parametrize("footer", FOOTERS)
def test_mobile_footer_is_no_word_of_the_author(footer):
    trimmed = trim(f"{REPLY}\n\n{footer}\n")

    assert trimmed.new_text == REPLY
    assert SpanKind.FOOTER in {span.kind for span in trimmed.spans}


@pytest.mark.parametrize(
    "footer",
    [
        "Sent with AquaMail for Android\nhttps://mail.example/program",
        "<https://scan.example/sig>\tVirus-free.www.scan.example\n<https://scan.example/sig>\n<#DAB4FAD8-2DD7-40BB>",
    ],
)
def test_where_a_footer_leads_to_is_part_of_it(footer):
    assert trim(f"{REPLY}\n\n{footer}\n").new_text == REPLY


def test_a_link_of_the_authors_own_stays():
    assert trim("Look at this:\nhttps://museum.example/whales\n").new_text.endswith("whales")


@pytest.mark.parametrize("footer", ["Sent from my desk, it is quicker.", "My son sent from school a letter."])
def test_prose_about_sending_stays(footer):
    assert trim(f"{REPLY}\n\n{footer}\n").new_text.endswith(footer)


VOWELLED = {
    "attribution": "في الجمعة، 3 أبريل 2026 في 16:05، كَتَبَ Hillside <news@school.test>:",
    "attribution drawn long": "في الجمعة، 3 أبريل 2026 في 16:05، كتـــب Hillside <news@school.test>:",
    "header lines": "مِن: Hillside <news@school.test>\nتَارِيخ الإرسال: 3 أبريل 2026 16:05\nالموضــوع: x",
    "separator": "----- الرِّسَالَة الأَصْلِيَّة -----",
    "footer": "أُرْسِلَتْ مِنْ جهاز الـ iPhone",
    "Hebrew points": "בתאריך יום ו׳, 3 באפר׳ 2026 ב-16:05 מאת Hillside <news@school.test> כָּתַב:",
    "French in pieces": "Le 3 avril 2026 a\u0300 16:05, Hillside <news@school.test> a e\u0301crit :",
}


@pytest.mark.parametrize("case", VOWELLED)
def test_signs_that_may_be_left_out_do_not_hide_a_phrase(case):
    quoted = "" if case == "footer" else "\n\nThis week in class 3B"

    assert trim(f"{REPLY}\n\n{VOWELLED[case]}{quoted}\n").new_text == REPLY


def test_every_language_has_the_words_a_reply_needs():
    files = sorted((Path(inbox.trim.__file__).parent / "languages").glob("*.toml"))

    assert len(files) >= 40
    for path in files:
        language = tomllib.loads(path.read_text("utf-8"))
        for key in (
            "language",
            "source",
            "verbs",
            "header_from",
            "header_date",
            "header_to",
            "header_subject",
            "message_words",
            "forward_lines",
            "sent_from",
            "sign_offs",
        ):
            assert language.get(key), f"{path.name}: {key} is missing"

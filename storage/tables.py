"""The tables. Everything that must survive a crash is a row here; no row object leaves this folder.

After a change here write a migration: `make migration NAME=what_it_does`. Times are UTC in microseconds (`Moment`), so
both engines store, compare and sort them alike.
"""

from peewee import (
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    DateField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from storage.fields import Json, Moment


class Row(Model):
    class Meta:
        legacy_table_names = False


# ---- people: the roster as it stands; who left is marked, never deleted, for conversations name them ----


class School(Row):
    id = TextField(primary_key=True)
    name = TextField()


class Term(Row):
    id = TextField(primary_key=True)
    title = TextField()
    kind = TextField()
    begins = DateField()
    ends = DateField()


class Holiday(Row):
    name = TextField()
    first = DateField()
    last = DateField()
    source = TextField(default="")  # the file it came from: importing that file again replaces only its own days


class Person(Row):
    id = TextField(primary_key=True)
    given_name = TextField()
    family_name = TextField()
    left_on = DateField(null=True)


class Child(Person):
    called = TextField(default="")
    grade = TextField(default="")


class Guardian(Person):
    address = TextField(default="")
    address_key = TextField(default="", index=True)  # lower case: how mail is matched
    language = TextField(default="")
    phone = TextField(default="")


class Teacher(Person):
    address = TextField(default="")
    address_key = TextField(default="", index=True)  # lower case: how mail is matched
    title = TextField(default="")


class ClassGroup(Row):
    id = TextField(primary_key=True)
    title = TextField()
    homeroom = BooleanField()
    subject = TextField(default="")
    school_id = TextField(default="")
    term_ids = Json(default=list)
    left_on = DateField(null=True)


class Enrolment(Row):
    child = ForeignKeyField(Child)
    class_group = ForeignKeyField(ClassGroup)
    begins = DateField(null=True)
    ends = DateField(null=True)


class Assignment(Row):
    teacher = ForeignKeyField(Teacher)
    class_group = ForeignKeyField(ClassGroup)
    role = TextField()
    begins = DateField(null=True)
    ends = DateField(null=True)


class Guardianship(Row):
    guardian = ForeignKeyField(Guardian)
    child = ForeignKeyField(Child)
    relation = TextField()
    barred = BooleanField(default=False)
    barred_until = DateField(null=True)
    bar_source = TextField(default="")

    class Meta:
        primary_key = CompositeKey("guardian", "child")


class HomeKey(Row):
    guardian = ForeignKeyField(Guardian, primary_key=True)
    key = TextField()


class Preference(Row):
    """What a guardian asked for herself; who left keeps it, should she come back."""

    guardian = ForeignKeyField(Guardian, primary_key=True)
    letters_stopped_at = Moment(null=True)
    asked_by = TextField(default="")  # mail | one-click | office


class DigestChoice(Row):
    """How often a teacher wants her digest; without a row, once a day."""

    teacher_id = TextField(primary_key=True)
    rhythm = TextField()  # daily | twice | weekly
    chosen_at = Moment()
    asked_by = TextField(default="")  # mail | office


# ---- content and plans ----


class Item(Row):
    id = TextField(primary_key=True)
    issue_date = DateField(index=True)
    kind = TextField()
    audience_kind = TextField()
    audience_id = TextField(default="")
    texts = Json()
    event = Json(null=True)
    role = TextField(default="")
    added_at = Moment()


class Approval(Row):
    issue_date = DateField(primary_key=True)
    content_hash = TextField()
    approved_at = Moment()


class Slot(Row):
    """A due run. Whoever inserts the row plans the run, so a week is neither skipped nor planned twice."""

    name = TextField()
    local_date = DateField()
    zone = TextField()
    due = Moment()
    taken_at = Moment()
    outcome = TextField(default="")

    class Meta:
        indexes = ((("name", "due"), True),)


class Run(Row):
    """All letters planned together: `issue:2026-11-27`, `digest:2026-11-27`, `answer:42`."""

    id = TextField(primary_key=True)
    kind = TextField()
    state = TextField()  # planned | ready | paused | cancelled
    due = Moment()
    planned_at = Moment()


class SkippedRecipient(Row):
    run = ForeignKeyField(Run)
    recipient_id = TextField()
    reason = TextField()

    class Meta:
        primary_key = CompositeKey("run", "recipient_id")


# ---- outbound ----


class Letter(Row):
    """The outbox. The row is the business record: who was sent what, when, and what the server said."""

    run = ForeignKeyField(Run)
    kind = TextField()
    recipient_id = TextField()
    seq = IntegerField(default=0)
    message_id = TextField(unique=True)
    envelope_from = TextField()
    address = TextField()
    domain = TextField()
    sha256 = TextField()
    size = IntegerField()
    child_ids = Json(default=list)
    priority = IntegerField(default=5)
    state = TextField()
    phase = TextField(default="")  # pre_dot | dot, while claimed
    uncertain = BooleanField(default=False)
    owner = TextField(default="")
    epoch = IntegerField(default=0)  # fencing: a finish with an old epoch changes nothing
    lease_until = Moment(null=True)  # by the database's clock
    attempts = IntegerField(default=0)
    not_before = Moment()
    expires = Moment()
    planned_at = Moment()
    finished_at = Moment(null=True)
    code = TextField(default="")
    reason = TextField(default="")

    class Meta:
        indexes = (
            (("run", "kind", "recipient_id", "seq"), True),
            (("state", "priority", "id"), False),
        )


class LetterBody(Row):
    """The finished bytes, apart from the row: claiming and finishing rewrite the row, and these are 20 times as big."""

    letter = ForeignKeyField(Letter, primary_key=True, on_delete="CASCADE")
    packed = BlobField()  # zlib; pruned some days after the letter is finished


class Dispatch(Row):
    public_id = BigIntegerField(primary_key=True)
    kind = TextField()
    run = ForeignKeyField(Run)
    recipient_id = TextField(index=True)
    message_id = TextField(index=True)
    created = Moment()
    conversation_ids = Json(default=list)
    open_mail_ids = Json(default=list)
    revoked_at = Moment(null=True)


class DispatchSection(Row):
    dispatch = ForeignKeyField(Dispatch, on_delete="CASCADE")
    ordinal = IntegerField()
    child_id = TextField()
    class_id = TextField()
    role = TextField()
    fingerprints = Json(default=list)
    visible_ref = TextField(default="", index=True)  # a reply may have nothing else

    class Meta:
        primary_key = CompositeKey("dispatch", "ordinal")


class ProviderId(Row):
    """The Message-ID a mail provider gave a letter in place of ours."""

    id = TextField(primary_key=True)
    message_id = TextField()
    noted_at = Moment()


class AddressHealth(Row):
    """What bounces said of one address. Suppression is per address, never per family."""

    address = TextField(primary_key=True)
    hard = IntegerField(default=0)
    soft = IntegerField(default=0)
    since = Moment(null=True)
    last_at = Moment(null=True)
    code = TextField(default="")
    reason = TextField(default="")
    suppressed_at = Moment(null=True)


# ---- inbound ----


class MailboxMark(Row):
    """How far a folder has been read, per UIDVALIDITY: every uid up to here is in the spool."""

    account = TextField()
    folder = TextField()
    uidvalidity = BigIntegerField()
    uid = BigIntegerField()
    updated_at = Moment()

    class Meta:
        primary_key = CompositeKey("account", "folder", "uidvalidity")


class Spool(Row):
    """One delivery as it came. The row stays when retention drops the raw bytes: it knows what was seen."""

    account = TextField()
    folder = TextField()
    uidvalidity = BigIntegerField()
    uid = BigIntegerField()
    arrived = Moment()
    stored_at = Moment()
    size = IntegerField()
    sha256 = TextField()
    envelope_to = Json(default=list)
    content_key = TextField(default="", index=True)
    copy_of = ForeignKeyField("self", null=True)
    message_id = TextField(default="", index=True)
    kind = TextField(default="")  # human auto bounce system echo quarantine
    state = TextField(default="received", index=True)
    reasons = Json(default=list)
    author_id = TextField(default="")
    teacher_id = TextField(default="")
    suggestions = Json(default=list)
    attempts = IntegerField(default=0)
    error = TextField(default="")
    finished_at = Moment(null=True)

    class Meta:
        indexes = ((("account", "folder", "uidvalidity", "uid"), True),)


class SpoolRaw(Row):
    spool = ForeignKeyField(Spool, primary_key=True, on_delete="CASCADE")
    packed = BlobField()  # zlib


class InvalidToken(Row):
    """A token that nobody signed, and who tried it; hashes only, for a day."""

    address_hash = TextField()
    token_hash = TextField()
    at = Moment(index=True)

    class Meta:
        primary_key = CompositeKey("address_hash", "token_hash")


class Evidence(Row):
    """Why a mail went where it went. Append-only; ids only."""

    spool = ForeignKeyField(Spool)
    sign = TextField()
    place = TextField()
    strength = TextField()
    child_id = TextField(default="")
    role = TextField(default="")


class Conversation(Row):
    public_id = BigIntegerField(unique=True)
    generation = IntegerField(default=0)  # in the guardian's tokens: a revocation begins a new one
    guardian = ForeignKeyField(Guardian)
    child = ForeignKeyField(Child)
    class_id = TextField()
    role = TextField()
    created = Moment()

    class Meta:
        indexes = ((("guardian", "child", "role"), True),)


class Filing(Row):
    """These spans of this mail, on this child's record, for this role."""

    spool = ForeignKeyField(Spool)
    conversation = ForeignKeyField(Conversation)
    spans = Json()
    decided_by = TextField()  # auto | office | teacher | parent
    reasons = Json(default=list)
    active = BooleanField(default=True)
    created = Moment()
    ended_at = Moment(null=True)


class Message(Row):
    conversation = ForeignKeyField(Conversation)
    author = TextField()  # guardian | teacher
    author_id = TextField()
    at = Moment()
    text = TextField()
    subject = TextField(default="")
    message_id = TextField(default="")
    references = Json(default=list)
    attachments = Json(default=list)
    spool = ForeignKeyField(Spool, null=True)
    filing = ForeignKeyField(Filing, null=True)
    active = BooleanField(default=True)

    class Meta:
        # One mail says one thing in one conversation: filing again changes nothing.
        indexes = ((("conversation", "spool", "author"), True),)


class Choice(Row):
    """One button of an automatic mail: what its guardian decides by pressing it, once, for some days."""

    public_id = BigIntegerField(primary_key=True)
    spool = ForeignKeyField(Spool)
    guardian = ForeignKeyField(Guardian)
    deed = TextField()  # file | office | mine | not-mine | stop | keep
    child_id = TextField(default="")
    role = TextField(default="")
    label = TextField(default="")
    expires = Moment()
    used_at = Moment(null=True)


class Command(Row):
    """One button of a teacher's digest: what she decides by pressing it, once, for some days."""

    public_id = BigIntegerField(primary_key=True)
    teacher_id = TextField()
    deed = TextField()  # not-mine | child | place | rhythm
    conversation = ForeignKeyField(Conversation, null=True)
    spool = ForeignKeyField(Spool, null=True)
    child_id = TextField(default="")
    role = TextField(default="")
    expires = Moment()
    used_at = Moment(null=True)


class Digested(Row):
    """Which message stood in which teacher's digest: a message is announced once, and waits until answered."""

    run = ForeignKeyField(Run)
    teacher_id = TextField()
    message = ForeignKeyField(Message)

    class Meta:
        primary_key = CompositeKey("run", "teacher_id", "message")


class Lease(Row):
    """Held by one process at a time: a mailbox being read, the scheduling lead."""

    name = TextField(primary_key=True)
    owner = TextField()
    until = Moment()


class Audit(Row):
    """Append-only: every decision, view and re-filing. Ids only."""

    at = Moment()
    actor = TextField()
    action = TextField()
    subject = TextField()
    detail = Json(default=dict)


TABLES: list[type[Row]] = [
    School,
    Term,
    Holiday,
    Child,
    Guardian,
    Teacher,
    ClassGroup,
    Enrolment,
    Assignment,
    Guardianship,
    HomeKey,
    Preference,
    DigestChoice,
    Item,
    Approval,
    Slot,
    Run,
    SkippedRecipient,
    Letter,
    LetterBody,
    Dispatch,
    DispatchSection,
    ProviderId,
    AddressHealth,
    MailboxMark,
    Spool,
    SpoolRaw,
    InvalidToken,
    Evidence,
    Conversation,
    Filing,
    Message,
    Choice,
    Command,
    Digested,
    Lease,
    Audit,
]

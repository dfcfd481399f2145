# Generated from a schema diff on 2026-11-23 17:38.
from peewee import *
from storage.fields import Json
from storage.fields import Moment

def up(migrator, db):
    class AddressHealth(Model):
        address = TextField(primary_key=True)
        hard = IntegerField(default=0)
        soft = IntegerField(default=0)
        since = Moment(null=True)
        last_at = Moment(null=True)
        code = TextField(default='')
        reason = TextField(default='')
        suppressed_at = Moment(null=True)
        class Meta:
            database = db
            table_name = 'address_health'
    db.create_tables([AddressHealth])

    class Approval(Model):
        issue_date = DateField(primary_key=True)
        content_hash = TextField()
        approved_at = Moment()
        class Meta:
            database = db
            table_name = 'approval'
    db.create_tables([Approval])

    class Teacher(Model):
        id = TextField(primary_key=True)
        given_name = TextField()
        family_name = TextField()
        left_on = DateField(null=True)
        address = TextField(default='')
        address_key = TextField(index=True, default='')
        title = TextField(default='')
        class Meta:
            database = db
            table_name = 'teacher'
    db.create_tables([Teacher])

    class ClassGroup(Model):
        id = TextField(primary_key=True)
        title = TextField()
        homeroom = BooleanField()
        subject = TextField(default='')
        school_id = TextField(default='')
        term_ids = Json(default=list)
        left_on = DateField(null=True)
        class Meta:
            database = db
            table_name = 'class_group'
    db.create_tables([ClassGroup])

    class Assignment(Model):
        teacher = ForeignKeyField(Teacher)
        class_group = ForeignKeyField(ClassGroup)
        role = TextField()
        begins = DateField(null=True)
        ends = DateField(null=True)
        class Meta:
            database = db
            table_name = 'assignment'
    db.create_tables([Assignment])

    class Audit(Model):
        at = Moment()
        actor = TextField()
        action = TextField()
        subject = TextField()
        detail = Json(default=dict)
        class Meta:
            database = db
            table_name = 'audit'
    db.create_tables([Audit])

    class Child(Model):
        id = TextField(primary_key=True)
        given_name = TextField()
        family_name = TextField()
        left_on = DateField(null=True)
        called = TextField(default='')
        grade = TextField(default='')
        class Meta:
            database = db
            table_name = 'child'
    db.create_tables([Child])

    class Spool(Model):
        account = TextField()
        folder = TextField()
        uidvalidity = BigIntegerField()
        uid = BigIntegerField()
        arrived = Moment()
        stored_at = Moment()
        size = IntegerField()
        sha256 = TextField()
        envelope_to = Json(default=list)
        content_key = TextField(index=True, default='')
        copy_of = ForeignKeyField('self', null=True)
        message_id = TextField(index=True, default='')
        kind = TextField(default='')
        state = TextField(index=True, default='received')
        reasons = Json(default=list)
        author_id = TextField(default='')
        teacher_id = TextField(default='')
        suggestions = Json(default=list)
        attempts = IntegerField(default=0)
        error = TextField(default='')
        finished_at = Moment(null=True)
        class Meta:
            database = db
            table_name = 'spool'
            indexes = ((('account', 'folder', 'uidvalidity', 'uid'), True),)
    db.create_tables([Spool])

    class Guardian(Model):
        id = TextField(primary_key=True)
        given_name = TextField()
        family_name = TextField()
        left_on = DateField(null=True)
        address = TextField(default='')
        address_key = TextField(index=True, default='')
        language = TextField(default='')
        phone = TextField(default='')
        class Meta:
            database = db
            table_name = 'guardian'
    db.create_tables([Guardian])

    class Choice(Model):
        public_id = BigIntegerField(primary_key=True)
        spool = ForeignKeyField(Spool)
        guardian = ForeignKeyField(Guardian)
        deed = TextField()
        child_id = TextField(default='')
        role = TextField(default='')
        label = TextField(default='')
        expires = Moment()
        used_at = Moment(null=True)
        class Meta:
            database = db
            table_name = 'choice'
    db.create_tables([Choice])

    class Conversation(Model):
        public_id = BigIntegerField(unique=True)
        generation = IntegerField(default=0)
        guardian = ForeignKeyField(Guardian)
        child = ForeignKeyField(Child)
        class_id = TextField()
        role = TextField()
        created = Moment()
        class Meta:
            database = db
            table_name = 'conversation'
            indexes = ((('guardian', 'child', 'role'), True),)
    db.create_tables([Conversation])

    class Command(Model):
        public_id = BigIntegerField(primary_key=True)
        teacher_id = TextField()
        deed = TextField()
        conversation = ForeignKeyField(Conversation, null=True)
        spool = ForeignKeyField(Spool, null=True)
        child_id = TextField(default='')
        role = TextField(default='')
        expires = Moment()
        used_at = Moment(null=True)
        class Meta:
            database = db
            table_name = 'command'
    db.create_tables([Command])

    class DigestChoice(Model):
        teacher_id = TextField(primary_key=True)
        rhythm = TextField()
        chosen_at = Moment()
        asked_by = TextField(default='')
        class Meta:
            database = db
            table_name = 'digest_choice'
    db.create_tables([DigestChoice])

    class Run(Model):
        id = TextField(primary_key=True)
        kind = TextField()
        state = TextField()
        due = Moment()
        planned_at = Moment()
        class Meta:
            database = db
            table_name = 'run'
    db.create_tables([Run])

    class Filing(Model):
        spool = ForeignKeyField(Spool)
        conversation = ForeignKeyField(Conversation)
        spans = Json()
        decided_by = TextField()
        reasons = Json(default=list)
        active = BooleanField(default=True)
        created = Moment()
        ended_at = Moment(null=True)
        class Meta:
            database = db
            table_name = 'filing'
    db.create_tables([Filing])

    class Message(Model):
        conversation = ForeignKeyField(Conversation)
        author = TextField()
        author_id = TextField()
        at = Moment()
        text = TextField()
        subject = TextField(default='')
        message_id = TextField(default='')
        references = Json(default=list)
        attachments = Json(default=list)
        spool = ForeignKeyField(Spool, null=True)
        filing = ForeignKeyField(Filing, null=True)
        active = BooleanField(default=True)
        class Meta:
            database = db
            table_name = 'message'
            indexes = ((('conversation', 'spool', 'author'), True),)
    db.create_tables([Message])

    class Digested(Model):
        run = ForeignKeyField(Run)
        teacher_id = TextField()
        message = ForeignKeyField(Message)
        class Meta:
            database = db
            table_name = 'digested'
            primary_key = CompositeKey('run', 'teacher_id', 'message')
    db.create_tables([Digested])

    class Dispatch(Model):
        public_id = BigIntegerField(primary_key=True)
        kind = TextField()
        run = ForeignKeyField(Run)
        recipient_id = TextField(index=True)
        message_id = TextField(index=True)
        created = Moment()
        conversation_ids = Json(default=list)
        open_mail_ids = Json(default=list)
        revoked_at = Moment(null=True)
        class Meta:
            database = db
            table_name = 'dispatch'
    db.create_tables([Dispatch])

    class DispatchSection(Model):
        dispatch = ForeignKeyField(Dispatch, on_delete='CASCADE')
        ordinal = IntegerField()
        child_id = TextField()
        class_id = TextField()
        role = TextField()
        fingerprints = Json(default=list)
        visible_ref = TextField(index=True, default='')
        class Meta:
            database = db
            table_name = 'dispatch_section'
            primary_key = CompositeKey('dispatch', 'ordinal')
    db.create_tables([DispatchSection])

    class Enrolment(Model):
        child = ForeignKeyField(Child)
        class_group = ForeignKeyField(ClassGroup)
        begins = DateField(null=True)
        ends = DateField(null=True)
        class Meta:
            database = db
            table_name = 'enrolment'
    db.create_tables([Enrolment])

    class Evidence(Model):
        spool = ForeignKeyField(Spool)
        sign = TextField()
        place = TextField()
        strength = TextField()
        child_id = TextField(default='')
        role = TextField(default='')
        class Meta:
            database = db
            table_name = 'evidence'
    db.create_tables([Evidence])

    class Guardianship(Model):
        guardian = ForeignKeyField(Guardian)
        child = ForeignKeyField(Child)
        relation = TextField()
        barred = BooleanField(default=False)
        barred_until = DateField(null=True)
        bar_source = TextField(default='')
        class Meta:
            database = db
            table_name = 'guardianship'
            primary_key = CompositeKey('guardian', 'child')
    db.create_tables([Guardianship])

    class Holiday(Model):
        name = TextField()
        first = DateField()
        last = DateField()
        source = TextField(default='')
        class Meta:
            database = db
            table_name = 'holiday'
    db.create_tables([Holiday])

    class HomeKey(Model):
        guardian = ForeignKeyField(Guardian, primary_key=True)
        key = TextField()
        class Meta:
            database = db
            table_name = 'home_key'
    db.create_tables([HomeKey])

    class InvalidToken(Model):
        address_hash = TextField()
        token_hash = TextField()
        at = Moment(index=True)
        class Meta:
            database = db
            table_name = 'invalid_token'
            primary_key = CompositeKey('address_hash', 'token_hash')
    db.create_tables([InvalidToken])

    class Item(Model):
        id = TextField(primary_key=True)
        issue_date = DateField(index=True)
        kind = TextField()
        audience_kind = TextField()
        audience_id = TextField(default='')
        texts = Json()
        event = Json(null=True)
        role = TextField(default='')
        added_at = Moment()
        class Meta:
            database = db
            table_name = 'item'
    db.create_tables([Item])

    class Lease(Model):
        name = TextField(primary_key=True)
        owner = TextField()
        until = Moment()
        class Meta:
            database = db
            table_name = 'lease'
    db.create_tables([Lease])

    class Letter(Model):
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
        phase = TextField(default='')
        uncertain = BooleanField(default=False)
        owner = TextField(default='')
        epoch = IntegerField(default=0)
        lease_until = Moment(null=True)
        attempts = IntegerField(default=0)
        not_before = Moment()
        expires = Moment()
        planned_at = Moment()
        finished_at = Moment(null=True)
        code = TextField(default='')
        reason = TextField(default='')
        class Meta:
            database = db
            table_name = 'letter'
            indexes = ((('run', 'kind', 'recipient_id', 'seq'), True), (('state', 'priority', 'id'), False))
    db.create_tables([Letter])

    class LetterBody(Model):
        letter = ForeignKeyField(Letter, primary_key=True, on_delete='CASCADE')
        packed = BlobField()
        class Meta:
            database = db
            table_name = 'letter_body'
    db.create_tables([LetterBody])

    class MailboxMark(Model):
        account = TextField()
        folder = TextField()
        uidvalidity = BigIntegerField()
        uid = BigIntegerField()
        updated_at = Moment()
        class Meta:
            database = db
            table_name = 'mailbox_mark'
            primary_key = CompositeKey('account', 'folder', 'uidvalidity')
    db.create_tables([MailboxMark])

    class Preference(Model):
        guardian = ForeignKeyField(Guardian, primary_key=True)
        letters_stopped_at = Moment(null=True)
        asked_by = TextField(default='')
        class Meta:
            database = db
            table_name = 'preference'
    db.create_tables([Preference])

    class ProviderId(Model):
        id = TextField(primary_key=True)
        message_id = TextField()
        noted_at = Moment()
        class Meta:
            database = db
            table_name = 'provider_id'
    db.create_tables([ProviderId])

    class School(Model):
        id = TextField(primary_key=True)
        name = TextField()
        class Meta:
            database = db
            table_name = 'school'
    db.create_tables([School])

    class SkippedRecipient(Model):
        run = ForeignKeyField(Run)
        recipient_id = TextField()
        reason = TextField()
        class Meta:
            database = db
            table_name = 'skipped_recipient'
            primary_key = CompositeKey('run', 'recipient_id')
    db.create_tables([SkippedRecipient])

    class Slot(Model):
        name = TextField()
        local_date = DateField()
        zone = TextField()
        due = Moment()
        taken_at = Moment()
        outcome = TextField(default='')
        class Meta:
            database = db
            table_name = 'slot'
            indexes = ((('name', 'due'), True),)
    db.create_tables([Slot])

    class SpoolRaw(Model):
        spool = ForeignKeyField(Spool, primary_key=True, on_delete='CASCADE')
        packed = BlobField()
        class Meta:
            database = db
            table_name = 'spool_raw'
    db.create_tables([SpoolRaw])

    class Term(Model):
        id = TextField(primary_key=True)
        title = TextField()
        kind = TextField()
        begins = DateField()
        ends = DateField()
        class Meta:
            database = db
            table_name = 'term'
    db.create_tables([Term])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('term'))
    migrator.migrate(migrator.drop_table('spool_raw'))
    migrator.migrate(migrator.drop_table('slot'))
    migrator.migrate(migrator.drop_table('skipped_recipient'))
    migrator.migrate(migrator.drop_table('school'))
    migrator.migrate(migrator.drop_table('provider_id'))
    migrator.migrate(migrator.drop_table('preference'))
    migrator.migrate(migrator.drop_table('mailbox_mark'))
    migrator.migrate(migrator.drop_table('letter_body'))
    migrator.migrate(migrator.drop_table('letter'))
    migrator.migrate(migrator.drop_table('lease'))
    migrator.migrate(migrator.drop_table('item'))
    migrator.migrate(migrator.drop_table('invalid_token'))
    migrator.migrate(migrator.drop_table('home_key'))
    migrator.migrate(migrator.drop_table('holiday'))
    migrator.migrate(migrator.drop_table('guardianship'))
    migrator.migrate(migrator.drop_table('evidence'))
    migrator.migrate(migrator.drop_table('enrolment'))
    migrator.migrate(migrator.drop_table('dispatch_section'))
    migrator.migrate(migrator.drop_table('dispatch'))
    migrator.migrate(migrator.drop_table('digested'))
    migrator.migrate(migrator.drop_table('message'))
    migrator.migrate(migrator.drop_table('filing'))
    migrator.migrate(migrator.drop_table('run'))
    migrator.migrate(migrator.drop_table('digest_choice'))
    migrator.migrate(migrator.drop_table('command'))
    migrator.migrate(migrator.drop_table('conversation'))
    migrator.migrate(migrator.drop_table('choice'))
    migrator.migrate(migrator.drop_table('guardian'))
    migrator.migrate(migrator.drop_table('spool'))
    migrator.migrate(migrator.drop_table('child'))
    migrator.migrate(migrator.drop_table('audit'))
    migrator.migrate(migrator.drop_table('assignment'))
    migrator.migrate(migrator.drop_table('class_group'))
    migrator.migrate(migrator.drop_table('teacher'))
    migrator.migrate(migrator.drop_table('approval'))
    migrator.migrate(migrator.drop_table('address_health'))

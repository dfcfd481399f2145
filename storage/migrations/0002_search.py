"""Full-text search over messages: FTS5 on SQLite, a text search configuration and a GIN index on PostgreSQL."""

from peewee import SqliteDatabase

SQLITE = (
    """CREATE VIRTUAL TABLE "message_search" USING fts5(
        "subject", "text", content='message', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2', prefix='2 3')""",
    """CREATE TRIGGER "message_search_insert" AFTER INSERT ON "message" BEGIN
        INSERT INTO "message_search"(rowid, "subject", "text") VALUES (new.id, new.subject, new.text); END""",
    """CREATE TRIGGER "message_search_delete" AFTER DELETE ON "message" BEGIN
        INSERT INTO "message_search"("message_search", rowid, "subject", "text")
        VALUES ('delete', old.id, old.subject, old.text); END""",
    """CREATE TRIGGER "message_search_update" AFTER UPDATE OF "subject", "text" ON "message" BEGIN
        INSERT INTO "message_search"("message_search", rowid, "subject", "text")
        VALUES ('delete', old.id, old.subject, old.text);
        INSERT INTO "message_search"(rowid, "subject", "text") VALUES (new.id, new.subject, new.text); END""",
    """INSERT INTO "message_search"("message_search") VALUES ('rebuild')""",
)
POSTGRES = (
    "CREATE EXTENSION IF NOT EXISTS unaccent",
    "CREATE TEXT SEARCH CONFIGURATION fridayfolder (COPY = simple)",
    """ALTER TEXT SEARCH CONFIGURATION fridayfolder
        ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple""",
    """CREATE INDEX message_search ON message
        USING gin (to_tsvector('fridayfolder', subject || ' ' || text))""",
)
SQLITE_DOWN = (
    *(f'DROP TRIGGER "message_search_{event}"' for event in ("insert", "delete", "update")),
    'DROP TABLE "message_search"',
)
POSTGRES_DOWN = ("DROP INDEX message_search", "DROP TEXT SEARCH CONFIGURATION fridayfolder")


def up(migrator, db):
    for statement in SQLITE if isinstance(db, SqliteDatabase) else POSTGRES:
        db.execute_sql(statement)


def down(migrator, db):
    for statement in SQLITE_DOWN if isinstance(db, SqliteDatabase) else POSTGRES_DOWN:
        db.execute_sql(statement)

"""A sample school as its student system would export it: OneRoster 1.1 bulk CSV plus family_extras.csv."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence

from office.demo.sample_school import GRADES, SCHOOL_ID, SUBJECT_TITLES, SampleSchool
from school.people import CLASS_TEACHER

#: The columns of OneRoster 1.1 in the order of the specification; bulk files leave status and date empty.
COLUMNS: Mapping[str, str] = {
    "orgs": "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId",
    "academicSessions": "sourcedId,status,dateLastModified,title,type,startDate,endDate,parentSourcedId,schoolYear",
    "courses": "sourcedId,status,dateLastModified,schoolYearSourcedId,title,courseCode,grades,orgSourcedId,subjects,"
    "subjectCodes",
    "classes": "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,"
    "schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods",
    "users": "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,"
    "middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
    "enrollments": "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,"
    "beginDate,endDate",
    "family_extras": "person,language,household,title,child,barred,barredUntil,source",
}
ABSENT = ("categories", "classResources", "courseResources", "demographics", "lineItems", "resources", "results")
#: OneRoster holds neither languages nor households, titles or bars; every other file here is the standard's own.
EXTRAS = "family_extras"

Row = dict[str, str]


def to_oneroster_zip(school: SampleSchool) -> bytes:
    """The ZIP, the same bytes for the same school."""
    tables: dict[str, Iterable[Row]] = {
        "orgs": [{"sourcedId": SCHOOL_ID, "name": school.name, "type": "school", "identifier": "LPS"}],
        "academicSessions": _sessions(school),
        "courses": _courses(),
        "classes": _classes(school),
        "users": _users(school),
        "enrollments": _enrollments(school),
        EXTRAS: _extras(school),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "manifest.csv", ("propertyName", "value"), _manifest(tables))
        for name, rows in tables.items():
            _add(archive, f"{name}.csv", COLUMNS[name].split(","), rows)
    return packed.getvalue()


def _add(archive: zipfile.ZipFile, name: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\r\n")  # RFC 4180 §2
    writer.writeheader()
    writer.writerows(rows)
    # A fixed date: equal schools give equal bytes.
    entry = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, text.getvalue().encode())


def _manifest(tables: Mapping[str, Iterable[Row]]) -> Iterable[Row]:
    properties = {"manifest.version": "1.0", "oneroster.version": "1.1"}
    properties |= {f"file.{name}": "absent" for name in ABSENT}
    properties |= {f"file.{name}": "bulk" for name in tables if name != EXTRAS}
    properties |= {"source.systemName": "Lindenfield office", "source.systemCode": "lindenfield"}
    return [{"propertyName": name, "value": value} for name, value in properties.items()]


def _sessions(school: SampleSchool) -> Iterable[Row]:
    for term in school.roster.terms:
        yield {
            "sourcedId": term.id,
            "title": term.title,
            "type": term.kind,
            "startDate": term.begins.isoformat(),
            "endDate": term.ends.isoformat(),
            "schoolYear": str(term.begins.year + 1),
        }


def _courses() -> Iterable[Row]:
    for grade in range(1, GRADES + 1):
        yield {
            "sourcedId": f"course-{grade}",
            "title": f"Grade {grade}",
            "grades": f"0{grade}",
            "orgSourcedId": SCHOOL_ID,
        }
    for subject, title in SUBJECT_TITLES.items():
        yield {"sourcedId": f"course-{subject}", "title": title, "orgSourcedId": SCHOOL_ID, "subjects": title}


def _classes(school: SampleSchool) -> Iterable[Row]:
    for group in school.roster.classes:
        homeroom, _, subject = group.id.partition("-")
        yield {
            "sourcedId": group.id,
            "title": group.title,
            "grades": f"0{homeroom[0]}",
            "courseSourcedId": f"course-{subject or homeroom[0]}",
            "classCode": group.id.upper(),
            "classType": "homeroom" if group.homeroom else "scheduled",
            "schoolSourcedId": group.school_id,
            "termSourcedIds": ",".join(group.term_ids),
            "subjects": group.subject,
        }


def _users(school: SampleSchool) -> Iterable[Row]:
    agents: dict[str, list[str]] = {}
    relations: dict[str, str] = {}
    for tie in school.roster.guardianships:
        agents.setdefault(tie.child_id, []).append(tie.guardian_id)
        relations[tie.guardian_id] = tie.relation
    for child in school.roster.children:
        row = _user(child.id, "student", child.given_name, child.family_name)
        yield row | {"agentSourcedIds": ",".join(agents.get(child.id, ())), "grades": f"0{child.grade}"}
    for guardian in school.roster.guardians:
        row = _user(guardian.id, relations.get(guardian.id, "guardian"), guardian.given_name, guardian.family_name)
        yield row | {"email": guardian.address, "phone": guardian.phone}
    for teacher in school.roster.teachers:
        yield _user(teacher.id, "teacher", teacher.given_name, teacher.family_name) | {"email": teacher.address}


def _user(sourced_id: str, role: str, given_name: str, family_name: str) -> Row:
    return {
        "sourcedId": sourced_id,
        "enabledUser": "true",
        "orgSourcedIds": SCHOOL_ID,
        "role": role,
        "username": sourced_id,
        "givenName": given_name,
        "familyName": family_name,
    }


def _enrollments(school: SampleSchool) -> Iterable[Row]:
    for tie in school.roster.enrolments:
        row = _enrollment(tie.class_id, tie.child_id, "student")
        begins, ends = tie.begins, tie.ends
        yield row | {
            "beginDate": begins.isoformat() if begins else "",
            "endDate": ends.isoformat() if ends else "",
        }
    for assignment in school.roster.assignments:
        primary = "true" if assignment.role == CLASS_TEACHER else "false"
        yield _enrollment(assignment.class_id, assignment.teacher_id, "teacher") | {"primary": primary}


def _enrollment(class_id: str, user_id: str, role: str) -> Row:
    return {
        "sourcedId": f"e-{class_id}-{user_id}",
        "classSourcedId": class_id,
        "schoolSourcedId": SCHOOL_ID,
        "userSourcedId": user_id,
        "role": role,
        "primary": "false",
    }


def _extras(school: SampleSchool) -> Iterable[Row]:
    homes = dict(school.roster.home_keys)
    for guardian in school.roster.guardians:
        yield {"person": guardian.id, "language": guardian.language, "household": homes.get(guardian.id, "")}
    for teacher in school.roster.teachers:
        yield {"person": teacher.id, "title": teacher.title}
    for tie in school.roster.guardianships:
        if tie.barred:
            until = tie.barred_until.isoformat() if tie.barred_until else ""
            yield {
                "person": tie.guardian_id,
                "child": tie.child_id,
                "barred": "true",
                "barredUntil": until,
                "source": tie.bar_source,
            }

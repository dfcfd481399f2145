"""What a teacher of each class is to its families: the class teacher, or the teacher of a subject."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from school.people import CLASS_TEACHER, ClassGroup


def roles_of(classes: Mapping[str, ClassGroup], seats: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The role by class id. *seats* are (child, class) pairs.

    A homeroom's teacher is the class teacher. A scheduled class gives the lower-cased subject, unless it is some
    child's only class and none of its children has a class teacher elsewhere: every family needs one to turn to first.
    """
    roles = {group.id: CLASS_TEACHER if group.homeroom else subject_role(group) for group in classes.values()}
    children_of: dict[str, set[str]] = defaultdict(set)
    classes_of: dict[str, set[str]] = defaultdict(set)
    for child_id, class_id in seats:
        if class_id in roles:
            children_of[class_id].add(child_id)
            classes_of[child_id].add(class_id)
    only_class = {child_id: next(iter(ids)) for child_id, ids in classes_of.items() if len(ids) == 1}
    wanted: dict[str, int] = defaultdict(int)
    for class_id in only_class.values():
        if roles[class_id] != CLASS_TEACHER:
            wanted[class_id] += 1
    # Most children in need first, then by id: the same roster always gives the same roles.
    for class_id in sorted(wanted, key=lambda class_id: (-wanted[class_id], class_id)):
        neighbours = (other for child_id in children_of[class_id] for other in classes_of[child_id])
        if not any(roles[other] == CLASS_TEACHER for other in neighbours if other != class_id):
            roles[class_id] = CLASS_TEACHER
    return roles


def subject_role(group: ClassGroup) -> str:
    return (group.subject or group.title or group.id).lower()

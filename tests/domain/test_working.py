"""References in the working of a rule."""

from app.domain.working import Step, references, terms_ref


def test_references_of_one_kind_each_once_and_in_order():
    working = (
        Step("anchor", "Moved.", ("event:e2", terms_ref(1, "/caps/person"))),
        Step("spell", "Kept.", ("event:e1", "event:e2")),
    )
    assert references(working, "event:") == ["e2", "e1"]
    assert references(working, "terms:") == ["1#/caps/person"]
    assert references((), "event:") == []

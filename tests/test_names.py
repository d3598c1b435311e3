"""Names that are derived are valid ones."""

import pytest

from rockpool import names


@pytest.mark.parametrize(
    ("image", "repository", "wanted"),
    [
        ("workspace", "", "workspace-0a1b2"),
        ("quay.io/team/Tool:3@sha256:abc", "", "tool-0a1b2"),
        ("localhost:5000/x:1", "", "x-0a1b2"),
        ("workspace", "https://example.org/team/My_Repo.git", "my-repo-0a1b2"),
        ("workspace", "git@example.org:tool.git", "tool-0a1b2"),
        ("workspace", "https://example.org/123/", "ws-123-0a1b2"),
        ("workspace", "https://example.org/___", "ws-0a1b2"),
        ("workspace", "https://example.org/" + "a" * 99, "a" * 57 + "-0a1b2"),
        ("workspace", "https://example.org/" + "ab-" * 33, "ab-" * 19 + "0a1b2"),
    ],
)
def test_a_workspace_without_a_name_is_called_like_what_it_is_made_from(
    image: str, repository: str, wanted: str
) -> None:
    name = names.workspace_like(image, repository, "0a1b2")
    assert name == wanted
    assert names.workspace_name_fault(name) is None

"""The house stays in order: who may import whom, how long a module is, what a name may say, what each folder tells."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
LONGEST, USUAL = 400, 200
TOP_FOLDERS = ("adapters", "broker", "contracts", "docs", "tests")
# Names that say nothing of sharing; DESIGN's words are used instead.
EMPTY_WORDS = {"manager", "service", "util", "utils", "helper", "handler", "processor"}


def tracked(pattern: str = "*") -> list[Path]:
    """Return the files of the project that are committed or about to be."""
    git = shutil.which("git")
    assert git, "git lists the files of the project"
    listed = subprocess.run(
        [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", pattern],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return [ROOT / name for name in sorted(set(listed.split("\0")) - {""}) if (ROOT / name).is_file()]


def modules() -> list[Path]:
    """Return every Python file of the project, the generated migrations aside."""
    return [path for path in tracked("*.py") if "versions" not in path.parts]


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_imports_point_inwards() -> None:
    """The contracts of import-linter hold: contracts stand alone, the cores are pure, the agency side knows no hub."""
    run = subprocess.run([BIN / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert "0 broken" in run.stdout


@pytest.mark.parametrize("folder", TOP_FOLDERS)
def test_each_top_folder_says_what_it_is_for(folder: str) -> None:
    """A newcomer finds in each folder what lives there and what may not."""
    readme = ROOT / folder / "README.md"
    assert readme.is_file(), f"{folder}/ needs a README.md"
    assert len(readme.read_text(encoding="utf-8").splitlines()) >= 3


def test_no_top_folder_is_forgotten() -> None:
    """A folder with code is in the list above, so that it needs a README too."""
    with_code = {path.relative_to(ROOT).parts[0] for path in modules() if path.parent != ROOT}
    assert with_code <= set(TOP_FOLDERS)


def test_no_module_is_too_long() -> None:
    """A module of more than 400 lines is asking to be two."""
    assert [f"{path.relative_to(ROOT)}: {lines_of(path)}" for path in modules() if lines_of(path) > LONGEST] == []


def test_most_modules_are_short() -> None:
    """Four modules of five are under 200 lines, so that one can be read at a sitting."""
    lengths = [lines_of(path) for path in modules() if "tests" not in path.relative_to(ROOT).parts]
    assert sum(length < USUAL for length in lengths) >= 0.8 * len(lengths)


def test_names_of_classes_say_something() -> None:
    """No class and no module is named for being of service."""
    empty = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                words = {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", node.name)}
                empty += [f"{path.relative_to(ROOT)}: {node.name}"] * bool(words & EMPTY_WORDS)
        empty += [str(path.relative_to(ROOT))] * bool(set(path.stem.split("_")) & EMPTY_WORDS)
    assert empty == []


# Each pattern is written so that it does not find itself.
NOT_OURS = re.compile(
    r"""(?<![\w.])/(?:work|root)/ | \.\./shared | \bprompts?\b
    | pypi\.org | npmjs\.(?:org|com) | files\.pythonhosted\.org | --(?:extra-)?index-url\b""",
    re.IGNORECASE | re.VERBOSE,
)


def test_nothing_names_a_machine_or_a_registry() -> None:
    """The project builds anywhere: no file names a path of one machine, a package registry's host, or a workplace."""
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            found += [f"{path.relative_to(ROOT)}:{number}"] * bool(NOT_OURS.search(line))
    assert found == []


@pytest.mark.parametrize(
    "parts", [("see /work", "/x"), ("cd ..", "/shared"), ("https://pypi.", "org/simple"), ("registry.npmjs.", "org")]
)
def test_the_search_for_machine_paths_finds_them(parts: tuple[str, str]) -> None:
    """The pattern above can fail; and it leaves an ordinary path alone."""
    assert NOT_OURS.search("".join(parts))
    assert not NOT_OURS.search("a/work/b, network/, https://concordat.example/schemas/x.json, promptly")

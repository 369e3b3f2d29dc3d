"""The store in the how-to passes the suite as the page says, and dockpass finds it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import dockpass

ROOT = Path(__file__).parent.parent.parent
SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(dockpass.__file__)))


def test_the_store_in_the_page(tmp_path: Path) -> None:
    page = (ROOT / "docs/how-to/write-a-store.md").read_text("utf-8")
    blocks = re.findall(r'^```python\n"""(\w+\.py)"""\n(.*?)^```', page, re.MULTILINE | re.DOTALL)
    assert [name for name, _text in blocks] == ["folder_store.py", "test_folder_store.py"]
    for name, text in blocks:
        (tmp_path / name).write_text(text)
    points = re.findall(r"^```toml\n\[project\.entry-points\.\"(.*?)\"\]\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(points) == 1
    info = tmp_path / "folder_store-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: folder_store\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[{}]\n{}".format(points[0][0], points[0][1].replace('"', "")))
    environ = {**os.environ, "PYTHONPATH": f"{SOURCE}{os.pathsep}{tmp_path}", "DOCKPASS_STORE": "folder"}
    environ.pop("PYTEST_ADDOPTS", None)
    environ |= {"HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path), "FOLDER_STORE": str(tmp_path / "logins")}
    suite = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path)]
    done = subprocess.run(suite, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d\d passed", done.stdout, re.MULTILINE), done.stdout
    (tmp_path / "logins").mkdir()
    code = "import dockpass, dockpass.account.look_up as look_up; print(dockpass.get('reg.test'), dockpass.logins())"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("None []\n", "")

"""The example notebook runs from top to bottom, without a notebook server."""

import json
import subprocess
import sys
from pathlib import Path

_NOTEBOOK = Path(__file__).parent.parent / "examples" / "audit-a-distribution.ipynb"

# Like a kernel: run each cell, and show its last line if that is an expression.
_KERNEL = """
import ast, json, sys
names = {"__name__": "__main__"}
for cell in json.load(open(sys.argv[1]))["cells"]:
    if cell["cell_type"] != "code":
        continue
    body = ast.parse("".join(cell["source"])).body
    last = body.pop() if isinstance(body[-1], ast.Expr) and len(body) > 1 else None
    exec(compile(ast.Module(body, []), "cell", "exec"), names)
    if last is not None:
        shown = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        if shown is not None:
            print("SHOWN", shown._repr_html_())
"""


def test_the_notebook_samples_audits_and_plots(tmp_path: Path):
    command = [sys.executable, "-W", "error", "-c", _KERNEL, str(_NOTEBOOK)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "static: 300 of 300 paths accepted (100.0%)" in done.stdout
    assert "3,000 clips" in done.stdout and "verdict: pass" in done.stdout
    assert "SHOWN <iframe srcdoc=" in done.stdout and done.stdout.count("<polyline") == 10
    assert (tmp_path / "audit.html").stat().st_size > 10_000


def test_the_notebook_is_short_and_stored_without_results():
    notebook = json.loads(_NOTEBOOK.read_text("utf-8"))
    assert all(not cell.get("outputs") for cell in notebook["cells"])
    lines = [
        line for c in notebook["cells"] if c["cell_type"] == "code" for line in c["source"] if line.strip()
    ]
    assert len(lines) <= 21

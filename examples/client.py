"""hotcell with its Python client: pip install ./clients/python.

HOTCELL_URL=http://127.0.0.1:8080 HOTCELL_KEY=… python examples/client.py
"""

import hotcell

# The result of main.
print(hotcell.run("def main(a, b): return a * b", args=[6, 7]))

# A script that fails is an exception with its traceback.
try:
    hotcell.run("def main(): return 1 / 0")
except hotcell.ScriptError as error:
    print(error.answer.error.type if error.answer.error else "")

# Files in and out, with pandas.
answer = hotcell.execute(
    "import pandas as pd\ndef main():\n    pd.read_csv('in.csv').sum().to_csv('out.csv')",
    files={"in.csv": "a,b\n1,2\n3,4\n"},
    collect=["out.csv"],
)
print(answer.files["out.csv"].decode())

# A session keeps its variables.
with hotcell.session() as session:
    session.execute("x = 20", mode="cell")
    print(session.execute("print(x + 1)", mode="cell").stdout)

# tries: to replace json's functions, its encoder's and float's and int's forms
# expect: result {"n": 1, "f": 0.5, "t": "2020-01-02", "s": [1, 2]}
import datetime
import json


def lie(*a, **k):
    return '"a lie"'


def main():
    json.dumps = json.dump = json.loads = json.JSONEncoder.default = json.JSONEncoder.encode = json.JSONEncoder.iterencode = lie
    for name in dir(json.encoder):
        if not name.startswith("__"):
            setattr(json.encoder, name, lie)
    return {"n": 1, "f": 0.5, "t": datetime.date(2020, 1, 2), "s": {2, 1}}

# tries: results whose numbers, keys and texts other languages misread: huge integers, minus zero, special object keys
# expect: status ok
def main():
    return {"__proto__": {"admin": True}, "constructor": {"prototype": 1}, "big": 2**64 + 1, "bigger": -(10**400), "zero": -0.0, "tiny": 5e-324,
            "": 1, "\0": 2, "\u2028": 3, "a": {"$ref": "#"}, "toString": None, "length": -1}

# tries: to answer ok and then to raise, so that the two get mixed
# expect: status ok, result "first", error none
# expect: error NoChannel
def main():
    channel(answer(b'"first"'))
    raise ValueError("second")

# tries: to have sixty thousand files collected, in a tree of any shape
# expect: status output_limit|exception|timeout, result null, files none
# request: {"collect": ["**"]}
# limits: wall_ms=8000
def main():
    made = 0
    try:
        for d in range(300):
            os.mkdir(f"d{d}")
            for f in range(200):
                open(f"d{d}/{f}", "w").close()
                made += 1
    except OSError:
        pass
    return made

# tries: patterns and names that match in very many ways, so that matching takes forever
# request: {"collect": ["**/*a*a*a*a*a*a*a*a*a*b", "**/**/**/**/**/**/x", "*[!a]*[!a]*[!a]*[!a]*c"]}
# limits: wall_ms=3000 cpu_ms=2000
# within: 8000
# expect: status ok|timeout
def main():
    for n in range(50):
        open("a" * 240 + str(n), "w").close()
    os.makedirs("/".join(["d"] * 12))
    return "made"

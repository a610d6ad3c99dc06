# tries: to keep a kernel from its cells by many WebSockets at once
# through: jupyter
# raw: each only prints
# times: 8
# expect: http 101, stdout "held"
print("held", end="")

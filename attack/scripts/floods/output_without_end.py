# tries: to print without an end, in each API, and to have the server hold or pass on all of it
# through: dify piston snekbox sandboxfusion sandboxfusion_cells azure e2b jupyter jupyter_v1
# raw: it only prints
# within: 30000
# expect: http 200|101, broken false, stdout contains "xxxx"
while True:
    print("x" * 100000)

# tries: to have bytes that are no text, halves of characters and lone surrogates break the JSON of an answer, in each API
# through: dify piston snekbox sandboxfusion sandboxfusion_cells azure e2b jupyter jupyter_v1
# raw: it only prints
# expect: http 200|101, broken false, stdout lines "a.+b"
import os

for piece in (b"a", b"\xff\xfe\xed\xa0\x80", b"\xf0\x9f", b"\xc3", b"\xe2\x80", b"b\n"):
    os.write(1, piece)

// The client for JavaScript, @e2b/code-interpreter.
import assert from 'node:assert/strict'
import { Sandbox } from '@e2b/code-interpreter'

const requestTimeoutMs = 300_000 // on a machine that is busy
const box = await Sandbox.create({ envs: { OWN: 'own' }, metadata: { of: 'js' }, requestTimeoutMs })
try {
  const lines = []
  const printed = await box.runCode("x = 1\nprint('a\\x85b \\u2028 😀')\n'text'", { onStdout: (message) => lines.push(message.line) })
  assert.deepEqual([lines.join(''), printed.text, printed.executionCount], ['a\x85b \u2028 😀\n', 'text', 1])
  assert.deepEqual((await box.runCode('import pandas as pd\npd.DataFrame({"b": [1, 2]})')).results[0].data, { b: [1, 2] })
  assert.equal((await box.runCode('1 / 0')).error.name, 'ZeroDivisionError')
  assert.equal((await box.runCode('import os; os.getenv("RUNS")', { envs: { RUNS: 'runs' } })).text, 'runs')
  assert.equal((await box.runCode('os.getenv("RUNS", "none")')).text, 'none')
  await assert.rejects(box.runCode('1', { language: 'js' }), /400/)

  assert.equal((await box.files.write('d/a.txt', 'hello')).path, '/home/user/d/a.txt')
  assert.equal(await box.files.read('d/a.txt'), 'hello')
  assert.deepEqual((await box.files.list('.')).map((entry) => entry.name), ['d'])
  assert.equal(await box.files.exists('nothing'), false)
  await assert.rejects(box.files.read('nothing'), { name: 'FileNotFoundError' })
  await assert.rejects(box.files.read('/etc/passwd'), { name: 'InvalidArgumentError' })
  const done = await box.commands.run('echo out; echo err >&2')
  assert.deepEqual([done.stdout, done.stderr, done.exitCode], ['out\n', 'err\n', 0])

  const context = await box.createCodeContext({ cwd: '/tmp' })
  assert.equal((await box.listCodeContexts()).length, 2)
  assert.equal((await box.runCode('x', { context })).error.name, 'NameError')
  await box.restartCodeContext(context)
  await box.removeCodeContext(context)
  await assert.rejects(box.runCode('x', { context }), { name: 'NotFoundError' })

  await box.setTimeout(600_000)
  assert.equal((await (await Sandbox.connect(box.sandboxId)).runCode('x')).text, '1')
  assert.equal((await Sandbox.list({ query: { metadata: { of: 'js' } } }).nextItems()).length, 1)
  const killed = box.runCode("import time\nprint('begun')\ntime.sleep(300)", { onStdout: () => box.kill() })
  await assert.rejects(killed, /killed while the request was in progress|terminated/) // if its look at /health is cut off, too
  assert.deepEqual([await box.isRunning(), await box.kill()], [false, false])
} finally {
  await box.kill()
}
process.exit() // the client leaves timers of calls that were refused

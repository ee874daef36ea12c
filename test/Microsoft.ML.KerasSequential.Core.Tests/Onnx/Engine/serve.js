// Runs ONNX files for the tests. One JSON request a line on standard input, one reply a line on standard output:
// {"model": path, "threads": n, "feeds": [{"dims": [...], "data": base64 of float32}], "repeat": n}
// → {"inputs": [...], "outputs": [{"dims": [...], "data": base64}], "milliseconds": best time of a run} or {"error": text}
'use strict';

const { InferenceSession, Tensor, env } = require('onnxruntime-node');
const readline = require('node:readline');

env.logLevel = 'error';

function toTensor(feed) {
  const bytes = Buffer.from(feed.data, 'base64');
  return new Tensor('float32', new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)), feed.dims);
}

function fromTensor(tensor) {
  return { dims: tensor.dims, data: Buffer.from(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength).toString('base64') };
}

async function answer(request) {
  const session = await InferenceSession.create(request.model, { intraOpNumThreads: request.threads ?? 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const outputs = [];
    let best = Infinity;
    for (const feed of request.feeds) {
      const input = { [session.inputNames[0]]: toTensor(feed) };
      let result;
      for (let i = 0; i < (request.repeat ?? 1); i++) {
        const start = process.hrtime.bigint();
        result = await session.run(input);
        best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e6);
      }
      outputs.push(fromTensor(result[session.outputNames[0]]));
    }
    return { inputs: session.inputNames, outputNames: session.outputNames, outputs, milliseconds: best };
  } finally {
    await session.release();
  }
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let reply;
    try {
      reply = await answer(JSON.parse(line));
    } catch (e) {
      reply = { error: String(e && e.message || e) };
    }
    process.stdout.write(JSON.stringify(reply) + '\n');
  }
})();

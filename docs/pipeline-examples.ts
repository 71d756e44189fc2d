/** Examples of every top-level section of pipeline.yaml; together they show every setting at least once. */
export const examples: Record<string, string> = {
  general: `
pipeline: my-chats
partitions: 8
target: { language: ar, variety: msa, script: Arab }
state: ../state/my-chats
out: ../datasets/my-chats
log:
  kafka:
    brokers: [kafka-1:9092, kafka-2:9092]
    registry: http://registry:8080/apis/ccompat/v7
    replication: 3
    min_insync: 2
    session_timeout_s: 15
warehouse: { url: http://localhost:8123, database: my_chats, username: kalam, password: $CLICKHOUSE_PASSWORD }
memory: { url: http://localhost:8123, database: answers, username: kalam, password: $CLICKHOUSE_PASSWORD }
limits: { conversation_bytes: 2097152, min_free: 5 GiB }
`,
  sources: `
sources:
  # The smoltalk2 shape needs no columns: messages of {role, content}.
  - name: smoltalk2
    kind: files
    path: SFT/*.parquet
  # ShareGPT: lists of {from, value} with names of their own.
  - name: sharegpt
    path: chats/
    split: train
    columns:
      messages: data.conversations
      role: from
      content: value
      id: uid
      roles: { human: user, gpt: assistant, observation: tool }
      system: system
      tools: tools
  # A question and an answer, with the reasoning in a column of its own.
  - name: reasoning
    path: reasoning.jsonl.gz
    columns: { user: question, assistant: answer, think: trace }
    language: en
  # Alpaca rows: an instruction, what it is about, and an answer.
  - name: alpaca
    path: alpaca.jsonl
    columns: { user: instruction, context: input, assistant: output }
`,
  chunkings: `
chunkings:
  tokens490: { by: tokens, target: 490, window: 50, limit: 512, tokenizer: llama3.1, safety: 0.8 }
  lines25: { by: lines, count: 25, limit: 4000, tokenizer: llama3.1 }
`,
  translators: `
translators:
  replay: { backend: recorded, file: answers.jsonl, system: gemma3, chunking: tokens490 }
  letters: { backend: pseudo, chunking: tokens490, splits: { only: [train] } }
  seedx:
    backend: openai
    api: completions # a raw model: no chat template
    url: $SEEDX_URL # as http://gpu-1:8000/v1
    model: ByteDance-Seed/Seed-X-PPO-7B
    prompt: seed-x
    chunking: tokens490
    splits: { except: [table_gpt_no_think] }
    slots: 256
  gemma3:
    backend: openai
    api: chat
    url: https://openrouter.ai/api/v1
    key: $OPENROUTER_API_KEY
    model: google/gemma-3-27b-it
    prompt: instruct
    chunking: lines25
    sampling: { temperature: 0.7, max_tokens: 8000 }
    samples: 2 # lines gemma3 and gemma3-s1
    timeout_s: 120
    attempts: 5
    rates: { requests_per_minute: 600, tokens_per_minute: 2000000, requests_per_day: 200000 }
    budget: { usd: 20, tokens: 400000000, calls: 100000, per_call: { usd: 0.002, tokens: 12000 } }
    price: { prompt: 0.09, completion: 0.16 }
    masking: { kinds: [url, inline_code], terms: [kalam] }
    checks: { numbers: off, truncated: split }
    extra: { provider: { sort: throughput } }
    splits: { except: ["*multilingual8*"] }
  mine:
    backend: exec # a program of your own: docs/translators.md
    command: [python3, translate.py, --beam, "4"]
    pass: [HF_HOME]
    version: "2"
    start_timeout_s: 600
    slots: 16
    chunking: lines25
  glossary: { backend: module, module: ./glossary.mjs, options: { formal: true }, slots: 4, chunking: tokens490 }
  own: # a prompt of your own, for a model that wants another wording
    backend: openai
    api: completions
    url: http://gpu-2:8000/v1
    model: org/model
    prompt:
      template: "{source_language} ({source_code}): {text} = {target_language} ({target_code}):"
      api: completions
      stop: ["\\n\\n"]
      parse: trim
    chunking: lines25
`,
  rankings: `
rankings:
  seedx_only: { candidates: [seedx] }
  release:
    candidates: [seedx, gemma3, gemma3-s1]
    weights: { lr: 0.5, scr: 0.5 }
    keep: { complete: true, lr: ">= 0.4", scr: ">= 0.8", metrics: { turns: "<= 40" } }
`,
}

// A stranger's client in Node: knows an address and a key, learns the rest by reflection.
//
// Usage: node check.mjs ADDRESS KEY
//
// Exits with 0 and one line per check if the server keeps its contract.

import assert from "node:assert/strict";
import { createRequire } from "node:module";

// Packages are resolved from NODE_PATH, so that nothing is installed beside this file.
const require = createRequire(import.meta.url);
const grpc = require("@grpc/grpc-js");
const { GrpcReflection } = require("grpc-js-reflection-client");

const MODERATION = "moderato.v1.ModerationService";
const HEALTH = "grpc.health.v1.Health";
const PATIENCE_MS = 20_000;
const DEADLINE_MS = 500;
const AUTHOR = { name: "Ayesha Khan", email: "ayesha@example.org" };
const CIVIL = {
  ...AUTHOR,
  text: "Thank you for this report. The minister should answer the question.",
};
const SPAM = {
  ...AUTHOR,
  text:
    "FREE casino bonus!!! Earn $5000 a week from home, click here now: " +
    "http://win-casino-bonus.example/free http://cheap-pills.example WhatsApp +1 202 555 0100",
};
const FAULTY = { name: "", email: "not an address", text: " \u200b " };

/** The services of one server, as it describes them itself. */
class Server {
  constructor(address, key) {
    this.address = address;
    this.metadata = withKey(key);
    this.reflection = new GrpcReflection(address, grpc.credentials.createInsecure());
  }

  /** A client of the service called `name`. */
  async client(name) {
    const descriptor = await this.reflection.getDescriptorBySymbol(name);
    const options = { keepCase: true, enums: String, longs: Number, oneofs: true };
    const Client = name.split(".").reduce((at, part) => at[part], descriptor.getPackageObject(options));
    return new Client(this.address, grpc.credentials.createInsecure());
  }

  async connect() {
    this.moderation = await this.client(MODERATION);
    this.health = await this.client(HEALTH);
  }

  async check(submission, metadata = this.metadata, timeoutMs = PATIENCE_MS) {
    const answer = await unary(this.moderation, "CheckComment", { submission }, metadata, timeoutMs);
    return answer.verdict;
  }

  async codeOfFailure(submission, ...options) {
    const failure = await this.check(submission, ...options).then(
      () => assert.fail("expected the call to fail"),
      (error) => error,
    );
    return grpc.status[failure.code];
  }
}

function withKey(key) {
  const metadata = new grpc.Metadata();
  metadata.set("authorization", `Bearer ${key}`);
  return metadata;
}

function unary(client, method, request, metadata, timeoutMs = PATIENCE_MS) {
  const deadline = Date.now() + timeoutMs;
  return new Promise((resolve, reject) => {
    client[method](request, metadata, { deadline }, (error, answer) =>
      error ? reject(error) : resolve(answer),
    );
  });
}

const codes = (verdict) => verdict.reasons.map((reason) => reason.code);

const CHECKS = {
  async "reflection lists the services"(server) {
    const services = await server.reflection.listServices();
    assert(services.includes(MODERATION) && services.includes(HEALTH), services.join());
  },

  async "health says serving"(server) {
    for (const service of ["", MODERATION]) {
      const answer = await unary(server.health, "Check", { service }, new grpc.Metadata());
      assert.equal(answer.status, "SERVING");
    }
  },

  async "a civil comment is approved"(server) {
    const verdict = await server.check(CIVIL);
    assert.equal(verdict.decision, "DECISION_APPROVE");
    assert(verdict.scores.spam < 0.5 && verdict.scores.toxicity < 0.5);
    assert.match(verdict.model, /^m-/);
  },

  async "spam is not approved, and says why"(server) {
    const verdict = await server.check(SPAM);
    assert(["DECISION_HOLD", "DECISION_REJECT"].includes(verdict.decision), verdict.decision);
    assert(codes(verdict).includes("SPAM_SCORE"), codes(verdict).join());
    const text = Buffer.from(SPAM.text);
    const words = verdict.evidence.filter(({ kind }) => kind === "EVIDENCE_KIND_WORD");
    assert(words.length > 0);
    for (const { token, span } of words) {
      assert.equal(text.subarray(span.start, span.end).toString().toLowerCase(), token);
    }
  },

  async "evidence adds up to the score"(server) {
    const { evidence, scores } = await server.check(CIVIL);
    for (const [head, score] of [["HEAD_SPAM", scores.spam], ["HEAD_TOXICITY", scores.toxicity]]) {
      const pieces = evidence.filter((piece) => piece.head === head);
      const logOdds = pieces.reduce((sum, piece) => sum + piece.log_odds, 0);
      assert(Math.abs(logOdds - Math.log(score / (1 - score))) < 1e-6, `${head} ${logOdds}`);
    }
  },

  async "all faults come at once"(server) {
    const verdict = await server.check(FAULTY);
    assert.equal(verdict.decision, "DECISION_REJECT");
    assert.deepEqual(codes(verdict), ["NAME_REQUIRED", "EMAIL_INVALID", "TEXT_REQUIRED"]);
    assert(!verdict.scores);
  },

  async "a retry gets the same verdict"(server) {
    const submission = { ...CIVIL, submission_id: "node-1" };
    assert.deepEqual(await server.check(submission), await server.check(submission));
    const other = { ...SPAM, submission_id: "node-1" };
    assert.equal(await server.codeOfFailure(other), "ALREADY_EXISTS");
  },

  async "a stream answers in order"(server) {
    const deadline = Date.now() + PATIENCE_MS;
    const stream = server.moderation.CheckComments(server.metadata, { deadline });
    for (const submission of [CIVIL, SPAM, FAULTY]) stream.write({ submission });
    stream.end();
    const answers = [];
    for await (const answer of stream) answers.push(answer);
    assert.deepEqual(answers.map((answer) => Number(answer.index ?? 0)), [0, 1, 2]);
    assert.equal(answers[0].verdict.decision, "DECISION_APPROVE");
    assert(codes(answers[1].verdict).includes("SPAM_SCORE"));
    assert(codes(answers[2].verdict).includes("NAME_REQUIRED"));
  },

  async "a call ends at its deadline"(server) {
    const deadline = Date.now() + DEADLINE_MS;
    const stream = server.moderation.CheckComments(server.metadata, { deadline });
    stream.write({ submission: CIVIL });
    const endless = async () => {
      for await (const answer of stream) assert(answer.verdict);
    };
    await assert.rejects(endless, { code: grpc.status.DEADLINE_EXCEEDED });
  },

  async "a call needs a key that a site has"(server) {
    for (const metadata of [new grpc.Metadata(), withKey("wrong")]) {
      assert.equal(await server.codeOfFailure(CIVIL, metadata), "UNAUTHENTICATED");
    }
  },
};

const [address, key] = process.argv.slice(2);
const server = new Server(address, key);
await server.connect();
for (const [name, check] of Object.entries(CHECKS)) {
  await check(server);
  console.log(`ok: ${name}`);
}
process.exit(0);

// JSON (RFC 8259) taken strictly: what two parsers might read differently is refused.
//
// JSON.parse keeps the last of two members with one name. A signature checker that keeps the first
// then sees another document (RFC 7515, section 10.12), so a repeated name is an error here, at any
// depth and however it is escaped. services/common/base/strict_json.h is the same in C++.

import {fromUtf8, utf8} from './encoding.js';
import {refuse} from './errors.js';

/** A number that is no whole one, or larger than a double holds exactly. No format here has one. */
export const NOT_AN_INTEGER = Symbol('a number that is not a whole one');

export type JsonObject = ReadonlyMap<string, JsonValue>;
export type JsonValue =
    string | number | boolean | null | typeof NOT_AN_INTEGER | readonly JsonValue[] | JsonObject;

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

export function isArray(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

const STRING =
    /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const LONE_SURROGATE = /\p{Surrogate}/u;

class SyntaxFault extends Error {}

class Parser {
  private at = 0;
  repeated = false;

  constructor(private readonly text: string, private readonly maxDepth: number) {}

  document(): JsonValue {
    const value = this.value(0);
    this.take(SPACE);
    if (this.at !== this.text.length) throw new SyntaxFault();
    return value;
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match !== null) this.at = pattern.lastIndex;
    return match;
  }

  // The next character that is no white space, not yet taken.
  private peek(): string | undefined {
    this.take(SPACE);
    return this.text[this.at];
  }

  private expect(character: string): void {
    if (this.peek() !== character) throw new SyntaxFault();
    ++this.at;
  }

  private value(depth: number): JsonValue {
    const first = this.peek();
    if (first === '{' || first === '[') {
      if (depth === this.maxDepth) throw new SyntaxFault();
      return first === '{' ? this.object(depth + 1) : this.array(depth + 1);
    }
    if (first === '"') return this.string();
    for (const [word, value] of [['true', true], ['false', false], ['null', null]] as const) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    const number = this.take(NUMBER);
    if (number === null) throw new SyntaxFault();
    if (number[1] !== undefined || number[2] !== undefined) return NOT_AN_INTEGER;
    const integer = Number(number[0]);
    return Number.isSafeInteger(integer) ? integer : NOT_AN_INTEGER;
  }

  private string(): string {
    const match = this.take(STRING);
    if (match === null) throw new SyntaxFault();
    const text = JSON.parse(match[0]) as string;
    if (LONE_SURROGATE.test(text)) throw new SyntaxFault();
    return text;
  }

  private object(depth: number): JsonObject {
    const members = new Map<string, JsonValue>();
    this.expect('{');
    if (this.peek() === '}') {
      ++this.at;
      return members;
    }
    for (;;) {
      if (this.peek() !== '"') throw new SyntaxFault();
      const name = this.string();
      this.expect(':');
      if (members.has(name)) this.repeated = true;
      members.set(name, this.value(depth));
      if (this.peek() === '}') break;
      this.expect(',');
    }
    ++this.at;
    return members;
  }

  private array(depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    this.expect('[');
    if (this.peek() === ']') {
      ++this.at;
      return items;
    }
    for (;;) {
      items.push(this.value(depth));
      if (this.peek() === ']') break;
      this.expect(',');
    }
    ++this.at;
    return items;
  }
}

/**
 * One JSON object with nothing but white space around it. `maxDepth` counts nested objects and
 * arrays: {"a":[1]} needs 2. No byte order mark, no comments, no lone surrogates.
 * Refused with `reason` and the detail too_large, duplicate_member or json.
 */
export function parseObject(
    reason: string, input: string | Uint8Array, maxBytes: number, maxDepth: number): JsonObject {
  if (input.length > maxBytes) refuse(reason, 'too_large');
  const text = typeof input === 'string' ? input : fromUtf8(input);
  if (text === undefined || LONE_SURROGATE.test(text)) refuse(reason, 'json');
  if (typeof input === 'string' && utf8(text).length > maxBytes) refuse(reason, 'too_large');
  const parser = new Parser(text, maxDepth);
  let value: JsonValue;
  try {
    value = parser.document();
  } catch (fault) {
    if (fault instanceof SyntaxFault) refuse(reason, 'json');
    throw fault;
  }
  if (parser.repeated) refuse(reason, 'duplicate_member');
  if (!isObject(value)) refuse(reason, 'json');
  return value;
}

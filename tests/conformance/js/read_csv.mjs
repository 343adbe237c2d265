// RFC 4180, for tests: rows as objects, without empty cells.
export function readCsv(text) {
  const rows = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; ++i) {
    const c = text[i];
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"') {
      quoted = true;
    } else if (c === ',' || c === '\n') {
      rows.at(-1).push(cell);
      cell = '';
      if (c === '\n') rows.push([]);
    } else if (c !== '\r') {
      cell += c;
    }
  }
  rows.at(-1).push(cell);
  const [header, ...records] = rows.filter((row) => row.some((each) => each !== ''));
  return records.map((row) =>
      Object.fromEntries(header.map((name, i) => [name, row[i]]).filter(([, value]) => value)));
}

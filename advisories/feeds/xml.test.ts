import { describe, expect, it } from '@jest/globals';
import { elementAt, elementsOf, readElements, textAt, type XmlElement, xmlLimits } from './xml.ts';

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(text: string, size = 7, limits = xmlLimits): Promise<XmlElement[]> {
  const found: XmlElement[] = [];
  for await (const one of readElements(inPieces(text, size), 'list', 'one', limits)) found.push(one);
  return found;
}

describe('elements of an XML document', () => {
  it('are given one by one, however the bytes come', async () => {
    const text =
      '<?xml version="1.0"?><a:list xmlns:a="urn:x"><head>x</head><one a:id="1">é <b>&lt;&#x41;</b><!-- no --> z</one><one id="2"><![CDATA[<&]]></one></a:list>';
    for (const size of [1, 2, 7, 1000]) {
      const [first, second, ...others] = await read(text, size);
      expect(others).toEqual([]);
      expect(first?.attributes.get('id')).toBe('1');
      expect(first === undefined ? '' : textAt(first, 'b')).toBe('<A');
      expect(first?.text).toBe('é  z');
      expect(second?.text).toBe('<&');
    }
  });

  it('may have names that objects have too', () => {
    const [one] = elementsOf(
      '<list><one constructor="a" __proto__="b"><__proto__/></one></list>',
      'list',
      'one',
    );
    expect(one?.attributes.get('constructor')).toBe('a');
    expect(one === undefined ? null : elementAt(one, '__proto__')).not.toBeNull();
  });

  const deep = (depth: number): string => `<list>${'<one>'.repeat(depth)}${'</one>'.repeat(depth)}</list>`;
  it.each([
    ['is cut', '<list><one></one>', 'unclosed tag'],
    ['is no XML', 'BZh9', 'text'],
    ['is another document', '<html><one/></html>', 'its outermost element is "html" and not "list"'],
    ['is nested too deep', deep(64), 'nested more than 64 deep'],
    [
      'declares entities',
      '<!DOCTYPE list [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><list><one>&b;</one></list>',
      'it declares a document type',
    ],
    ['uses entities of its own', '<list><one>&b;</one></list>', 'undefined entity'],
    ['is no UTF-8', '<list><one>\u{FFFD}</one></list>', ''],
  ])('are refused where it %s', async (_name, text, why) => {
    const bytes = Buffer.from(text);
    if (why === '') {
      const at = bytes.indexOf(0xef);
      bytes[at] = 0xff;
      const whole = (async function* () {
        yield bytes;
      })();
      await expect(readElements(whole, 'list', 'one').next()).rejects.toThrow('encod');
    } else await expect(read(text)).rejects.toThrow(why);
  });

  it('are bounded, each and in what comes without a tag', async () => {
    const limits = { depth: 64, elements: 3, characters: 100 };
    const many = `<list>${'<one><a/><a/></one>'.repeat(9)}</list>`;
    expect(await read(many, 7, limits)).toHaveLength(9);
    await expect(read('<list><one><a/><a/><a/></one></list>', 7, limits)).rejects.toThrow(
      'more than 3 elements',
    );
    await expect(read(`<list><one>${'x'.repeat(101)}</one></list>`, 7, limits)).rejects.toThrow(
      '100 characters',
    );
    const long = `<list><!--${'x'.repeat(9 * 1024 * 1024)}--></list>`;
    await expect(read(long, 65_536)).rejects.toThrow('without a tag');
  });
});

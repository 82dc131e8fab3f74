import { describe, expect, it } from '@jest/globals';
import { stampedVersion } from './stamped.ts';

const module = 'github.com/corp/tool/v2';
const flags = (text: string): string => `build\t-ldflags=${text}`;

describe('the version that a linker was told', () => {
  it.each<readonly [string, string | null]>([
    ['"-s -w -X main.version=1.2.3"', 'v1.2.3'],
    ['-X=main.Version=v1.2.3', 'v1.2.3'],
    [String.raw`"-s -X \"main.version=v1.2.3-rc.1\" -X 'main.commit=abc'"`, 'v1.2.3-rc.1'],
    ['"-X github.com/corp/tool/v2/internal/build.AppVersion=2.0.0+corp"', 'v2.0.0+corp'],
    ['"-X main.version=1.2.3 -X github.com/corp/tool/v2/cmd.gitTag=v1.2.3"', 'v1.2.3'],
    // Nobody can tell which.
    ['"-X main.version=1.2.3 -X main.buildVersion=1.2.4"', null],
    // Somebody else's.
    ['"-X github.com/other/lib.version=1.2.3"', null],
    ['"-X github.com/corp/tool/v2x.version=1.2.3"', null],
    ['"-X main.goVersion=1.22.3"', null],
    ['"-X main.apiversion=1.22.3"', null],
    // No versions.
    ['"-X main.version=v1.2.3-5-gabcdef0"', null],
    ['"-X main.version=v1.2.3-dirty"', null],
    ['"-X main.version=1.2"', null],
    ['"-X main.version=dev"', null],
    ['"-X main.version="', null],
    ['"-s -w"', null],
    ['', null],
  ])('%s: %s', (text, version) => {
    expect(stampedVersion(['path\tx', flags(text)], module)).toBe(version);
  });

  it('is none where nothing was recorded', () => expect(stampedVersion(['mod\ta'], module)).toBeNull());
});

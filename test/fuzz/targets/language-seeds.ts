import { jarOf, zipOf } from '../../support/zip.ts';
import { json, jsonWords, type Seeds, text } from './seeds.ts';

/** What installers of languages write. */
export const languageSeeds: Readonly<Record<string, Seeds>> = {
  npm: {
    words: ['"name":', '"version":', '"license":', ...jsonWords],
    seeds: () => [
      json('app/node_modules/a/package.json', {
        name: 'a',
        version: '1.0.0',
        license: 'MIT',
        dependencies: { b: '1' },
      }),
      json('app/node_modules/@s/b/package.json', {
        name: '@s/b',
        version: '2.0.0-rc.1',
        licenses: [{ type: 'MIT' }],
      }),
      {
        path: 'app/.yarn/cache/a-npm-1.0.0-0123456789-0123456789.zip',
        bytes: zipOf([{ name: 'node_modules/a/package.json', content: '{"name":"a","version":"1.0.0"}' }]),
      },
    ],
  },
  python: {
    words: [
      'Name: ',
      'Version: ',
      'License: ',
      'Classifier: License :: OSI Approved :: MIT License',
      '\n\n',
      '\n ',
    ],
    seeds: () => [
      text(
        'usr/lib/python3/dist-packages/a.dist-info/METADATA',
        'Metadata-Version: 2.1',
        'Name: a',
        'Version: 1.0',
        'License: MIT',
        '',
        'text',
      ),
      text('usr/lib/python3/dist-packages/b.egg-info', 'Name: b', 'Version: 2'),
      text(
        'usr/lib/python3/dist-packages/pip/_vendor/vendor.txt',
        'requests==2.32.3 # a remark',
        '    urllib3[x] == 1.26.20 ; python_version < "3"',
      ),
      { path: 'opt/c.egg', bytes: zipOf([{ name: 'EGG-INFO/PKG-INFO', content: 'Name: c\nVersion: 3\n' }]) },
    ],
  },
  java: {
    words: [
      'PK\u0003\u0004',
      'PK\u0001\u0002',
      'PK\u0005\u0006',
      'META-INF/MANIFEST.MF',
      'groupId=',
      'Implementation-Version: ',
    ],
    seeds: () => {
      const inner = jarOf([{ group: 'g', artifact: 'a', version: '1.0' }]);
      return [
        { path: 'opt/a.jar', bytes: inner },
        {
          path: 'opt/app.war',
          bytes: zipOf([
            { name: 'WEB-INF/lib/a.jar', content: inner, stored: true },
            {
              name: 'META-INF/MANIFEST.MF',
              content: 'Manifest-Version: 1.0\r\nImplementation-Title: app\r\nImplementation-Version: 2\r\n',
            },
          ]),
        },
        { path: 'opt/b.ear', bytes: zipOf([{ name: 'lib/a.jar', content: inner }], { zip64: true }) },
        {
          path: 'opt/c.jar',
          bytes: jarOf(
            [],
            [
              {
                name: 'META-INF/maven/g/c/pom.xml',
                content:
                  '<?xml version="1.0"?><!-- c --><project><parent><groupId>g</groupId><version>1</version></parent><licenses><license><name>MIT &amp; more</name></license></licenses></project>',
              },
              {
                name: 'META-INF/MANIFEST.MF',
                content: 'Bundle-License: "MIT";link="x", Apache License, Version 2\r\n',
              },
            ],
          ),
        },
        text('app/META-INF/maven/g/a/pom.properties', 'groupId=g', 'artifactId=a', 'version=1'),
      ];
    },
  },
  ruby: {
    words: ['s.name = ', 's.version = ', '.freeze', '%q{', 's.licenses = [', '"', "'", 'Gem::Version.new('],
    seeds: () => [
      text(
        'usr/local/bundle/specifications/a-1.0.gemspec',
        '# -*- encoding: utf-8 -*-',
        '# stub: a 1.0 ruby lib',
        '',
        'Gem::Specification.new do |s|',
        '  s.name = "a".freeze',
        '  s.version = "1.0"',
        '  s.licenses = ["MIT".freeze, "Ruby".freeze]',
        '  s.platform = "x86_64-linux"',
        'end',
      ),
      text(
        'usr/local/bundle/bundler/gems/r-0123456789ab/r.gemspec',
        'Gem::Specification.new do |s|',
        "  s.name = 'r'",
        '  s.version = %q{2.0}',
        'end',
      ),
    ],
  },
  php: {
    words: ['"packages":[', '"name":"a/b"', '"version":"v1.0"', ...jsonWords],
    seeds: () => [
      json('app/vendor/composer/installed.json', {
        packages: [{ name: 'a/b', version: 'v1.2.3', license: ['MIT'] }],
        dev: true,
      }),
      json('app/vendor/composer/installed.json', [{ name: 'a/b', version: 'dev-main' }]),
    ],
  },
  dotnet: {
    words: ['"libraries":{', '"targets":{', '"runtime":{', '"type":"package"', 'A/1.0.0', ...jsonWords],
    seeds: () => [
      json('app/App.deps.json', {
        runtimeTarget: { name: '.NETCoreApp,Version=v8.0/linux-x64' },
        targets: {
          '.NETCoreApp,Version=v8.0/linux-x64': {
            'A/1.0.0': { runtime: { 'lib/A.dll': {} }, dependencies: { B: '2' } },
          },
        },
        libraries: { 'A/1.0.0': { type: 'package' }, 'App/1.0.0': { type: 'project' } },
      }),
      json('usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json', {
        targets: {},
        libraries: {},
      }),
    ],
  },
  conda: {
    words: ['"name":', '"version":', '"channel":', '"files":[', ...jsonWords],
    seeds: () => [
      json('opt/conda/conda-meta/numpy-1.26.4-py311_0.json', {
        name: 'numpy',
        version: '1.26.4',
        build: 'py311_0',
        subdir: 'linux-64',
        arch: 'x86_64',
        channel: 'https://conda.example.org/conda-forge',
        fn: 'numpy.conda',
        license: 'BSD-3-Clause',
        files: ['lib/python3.11/site-packages/numpy-1.26.4.dist-info/METADATA'],
      }),
    ],
  },
};

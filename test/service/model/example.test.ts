import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { curlCommand, exampleRequest } from '../../../service/model/example';
import { described } from './support';

describe('the example request of a model', () => {
  test('of features is the JSON body', () => {
    const description = described('features: [{name: a, type: text}]', 'example: {instances: [{a: x}]}');
    expect(exampleRequest(description, 'models/m')).toEqual({
      contentType: 'application/json',
      body: '{"instances":[{"a":"x"}]}',
    });
  });

  test('of images is the file in the folder of the model', () => {
    const description = described('image: {width: 1, height: 1, channels: 1}', 'example: shoe.JPG');
    expect(exampleRequest(description, 'models/m')).toEqual({
      contentType: 'image/jpeg',
      imagePath: 'models/m/shoe.JPG',
    });
  });

  test('is absent where the description has none', () => {
    expect(exampleRequest(described('description: x'), 'models/m')).toBeUndefined();
  });
});

test('the curl command reaches curl as it is meant, through any quotes and spaces', () => {
  // GIVEN
  const body = JSON.stringify({ instances: [{ a: `it's "quoted" $HOME \`x\` \\ \n ü` }] });
  const commands = [
    curlCommand('http://127.0.0.1:8000/v1/models/m:predict', { contentType: 'application/json', body }),
    curlCommand('http://h/m', { contentType: 'image/png', imagePath: "my models/it's.png" }),
  ];

  // WHEN: the shell itself splits the command, with curl replaced by what lists its arguments
  const list = (command: string) =>
    execFileSync('sh', ['-c', `curl() { printf '%s\\0' "$@"; }; ${command}`], { encoding: 'utf8' }).split('\0');

  // THEN
  expect(commands.map(list)).toEqual([
    ['-H', 'content-type: application/json', '-d', body, 'http://127.0.0.1:8000/v1/models/m:predict', ''],
    ['-H', 'content-type: image/png', '--data-binary', "@my models/it's.png", 'http://h/m', ''],
  ]);
});

import { type Static, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';

/** An answer to ListObjectsV2. */
export const ListSchema = Type.Object({
  ListBucketResult: Type.Object({
    Contents: Type.Optional(Type.Array(Type.Object({ Key: Type.String(), Size: Type.String(), ETag: Type.String() }))),
    NextContinuationToken: Type.Optional(Type.String()),
  }),
});

/** An answer to CreateMultipartUpload. */
export const UploadSchema = Type.Object({
  InitiateMultipartUploadResult: Type.Object({ UploadId: Type.String() }),
});

/** Reads an answer of S3; undefined where it is another one. */
export async function parseXml<S extends TSchema>(text: string, schema: S): Promise<Static<S> | undefined> {
  const { XMLParser } = await import('fast-xml-parser');
  // Numbered characters are called HTML's there, but are XML's, too.
  const options = { parseTagValue: false, trimValues: false, htmlEntities: true };
  const parser = new XMLParser({ ...options, isArray: (name) => name === 'Contents' });
  const answer = parsed(() => parser.parse(text));
  return Value.Check(schema, answer) ? answer : undefined;
}

function parsed(parse: () => unknown): unknown {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

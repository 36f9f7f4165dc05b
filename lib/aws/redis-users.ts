import { ArnFormat, Names, Stack } from 'aws-cdk-lib';
import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import { CfnUser, CfnUserGroup } from 'aws-cdk-lib/aws-elasticache';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { RedisEngine } from '../plan/redis-design';

/** A Redis that replicas share, whatever it runs on. */
export interface SharedRedis extends IConnectable {
  /** As `headroom serve --redis` takes it, without credentials. */
  readonly url: string;
  readonly port: number;
  /** User that signs in by IAM. */
  readonly iamUser: string;
  /** What the token to sign in is made for, as `headroom serve --redis-iam-cache` takes it. */
  readonly iamCacheName: string;
  /** Lets an identity sign in as {@link iamUser}. */
  grantConnect(grantee: IGrantable): Grant;
}

/**
 * What the service sends: rows, messages of invalidation, and what a client asks to find its way. Nothing that looks
 * into the server, empties it at once or changes its settings.
 */
export const ACCESS_STRING =
  'on ~* &* -@all +@connection +@read +@write +@pubsub -@dangerous +info +cluster|slots +cluster|info';

/** Ids of users and groups: at most 40 letters, digits and single hyphens (ElastiCache user guide, "RBAC"). */
const MAX_ID_LENGTH = 40;

/** Ends of ids; the engine is in them, because a change of it makes new users beside the old ones. */
const DEFAULT_USER = '-off';

/**
 * Who may use a Redis: one user that signs in by IAM, so that there is no password anywhere. The user `default`, as
 * which anybody without a name comes, is switched off.
 */
export class RedisUsers extends Construct {
  readonly userGroupId: string;
  readonly iamUser: string;

  constructor(scope: Construct, id: string, engine: RedisEngine) {
    super(scope, id);
    const uniqueId = Names.uniqueResourceName(this, {
      maxLength: MAX_ID_LENGTH - engine.length - 1 - DEFAULT_USER.length,
      separator: '-',
    });
    const name = `${uniqueId.toLowerCase()}-${engine}`;
    const user = new CfnUser(this, 'user', {
      engine,
      // By IAM, the two must be equal.
      userId: name,
      userName: name,
      authenticationMode: { Type: 'iam' },
      accessString: ACCESS_STRING,
    });
    // Valkey takes no user without a password, and switches its own default user off where a group has none.
    const replaced = engine === 'redis' ? [this.#replaceDefault(`${name}${DEFAULT_USER}`)] : [];
    const group = new CfnUserGroup(this, 'group', {
      engine,
      userGroupId: name,
      userIds: [...replaced, user].map(({ ref }) => ref),
    });
    this.userGroupId = group.ref;
    this.iamUser = name;
  }

  /**
   * @param resource kind of the cache in ARNs
   * @param cacheName its id
   */
  grantConnect(grantee: IGrantable, resource: 'replicationgroup' | 'serverlesscache', cacheName: string): Grant {
    const stack = Stack.of(this);
    const arn = (kind: string, resourceName: string) =>
      stack.formatArn({
        service: 'elasticache',
        resource: kind,
        resourceName,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      });
    return Grant.addToPrincipal({
      grantee,
      actions: ['elasticache:Connect'],
      resourceArns: [arn(resource, cacheName), arn('user', this.iamUser)],
    });
  }

  /** A group of Redis users has exactly one with the name `default`. */
  #replaceDefault(userId: string): CfnUser {
    return new CfnUser(this, 'default-user', {
      engine: 'redis',
      userId,
      userName: 'default',
      authenticationMode: { Type: 'no-password-required' },
      accessString: 'off ~* -@all',
    });
  }
}

package lint

const (
	redisManual   = "https://redis.io/docs/latest/develop/tools/cli/"
	redisSecurity = "https://redis.io/docs/latest/operate/oss_and_stack/management/security/"
	redisCommands = "https://redis.io/docs/latest/commands/"
	redisACL      = "https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/"
	redisScripts  = "https://redis.io/docs/latest/commands/eval/"
)

// redisHarmless is what ACL CAT of Redis 7.0 lists in read and write and not in dangerous, admin or scripting, and what only tells of the
// server. What may be read and written is a matter of the Redis user's rights, as with SQL.
const redisHarmless = "append, bitcount, bitfield, bitfield_ro, bitop, bitpos, blmove, blmpop, blpop, brpop, brpoplpush, bzmpop, bzpopmax, bzpopmin, copy, dbsize, decr, decrby, del, dump, exists, expire, expireat, expiretime," +
	"geoadd, geodist, geohash, geopos, georadius, georadius_ro, georadiusbymember, georadiusbymember_ro, geosearch, geosearchstore, get, getbit, getdel, getex, getrange, getset," +
	"hdel, hexists, hget, hgetall, hincrby, hincrbyfloat, hkeys, hlen, hmget, hmset, hrandfield, hscan, hset, hsetnx, hstrlen, hvals, incr, incrby, incrbyfloat, lcs, lindex, linsert, llen, lmove, lmpop, lolwut, lpop, lpos," +
	"lpush, lpushx, lrange, lrem, lset, ltrim, mget, move, mset, msetnx, persist, pexpire, pexpireat, pexpiretime, pfadd, pfcount, pfmerge, psetex, pttl, randomkey, rename, renamenx, rpop, rpoplpush, rpush, rpushx," +
	"sadd, scan, scard, sdiff, sdiffstore, set, setbit, setex, setnx, setrange, sinter, sintercard, sinterstore, sismember, smembers, smismember, smove, spop, srandmember, srem, sscan, strlen, substr, sunion, sunionstore," +
	"touch, ttl, type, unlink, xack, xadd, xautoclaim, xclaim, xdel, xgroup *, xinfo *, xlen, xpending, xrange, xread, xreadgroup, xrevrange, xsetid, xtrim, zadd, zcard, zcount, zdiff, zdiffstore, zincrby, zinter," +
	"zintercard, zinterstore, zlexcount, zmpop, zmscore, zpopmax, zpopmin, zrandmember, zrange, zrangebylex, zrangebyscore, zrangestore, zrank, zrem, zremrangebylex, zremrangebyrank, zremrangebyscore, zrevrange," +
	"zrevrangebylex, zrevrangebyscore, zrevrank, zscan, zscore, zunion, zunionstore," +
	"acl cat, acl whoami, client getname, client id, client info, client list, command, echo, help, info, keys, lastsave, latency *, memory doctor, memory stats, memory usage, object *, ping, pubsub *, role, slowlog get, slowlog len, sort_ro, time, wait"

func redisFacts() []fact {
	const leave = "leave it out"
	return []fact{{
		names: "redis-cli valkey-cli keydb-cli", see: gtfobins("redis"), style: wordStyle, folds: true,
		values: "-h -p -s -a --user --pass -u -r -i -n -t -d -D -X --sni --cacert --cacertdir --cert --key --tls-ciphers --tls-ciphersuites --show-pushes --lru-test --rdb --functions-rdb --pipe-timeout --memkeys-samples" +
			" --pattern --quoted-pattern --intrinsic-latency --eval --count --cursor --cluster",
		flags: "-2 -3 -c -e -x --tls --raw --no-raw --csv --json --quoted-json --quoted-input --no-auth-warning --scan --bigkeys --memkeys --hotkeys --stat --latency --latency-history --latency-dist --verbose -4 -6",
		commands: &commands{harmless: redisHarmless, effect: runsCode, example: "config", text: "every command may be typed: CONFIG SET writes files on the server, MODULE and EVAL run code there, FLUSHALL empties it",
			instead: `write one usage line for each command, or a list: ["get", "ttl"]`, see: redisCommands},
		prompt: &prompt{batch: "--eval --scan --bigkeys --memkeys --hotkeys --stat --latency -v --version --help --pipe", operands: 1, more: true, instead: "write the commands that are needed, one usage line each: redis-cli get KEY", see: redisManual},
		dangers: []danger{
			{verb: "config set", effect: runsCode, text: "with dir and dbfilename the server writes any file", instead: "list the settings that may be changed, or leave it out", see: redisSecurity},
			{verb: "config get", operand: anyOperand, probes: []string{"requirepass"}, words: `(?i).*[*?\[].*|.*pass.*|.*auth.*`, even: true, effect: showsSecret, text: "the server shows its passwords", instead: "list the settings that may be read", see: "https://redis.io/docs/latest/commands/config-get/"},
			{verb: "eval", effect: runsCode, text: "the server runs Lua", instead: leave, see: redisScripts},
			{verb: "eval_ro", effect: runsCode, text: "the server runs Lua", instead: leave, see: redisScripts},
			{verb: "evalsha", effect: runsCode, text: "the server runs Lua that it has", instead: leave, see: redisScripts},
			{verb: "evalsha_ro", effect: runsCode, text: "the server runs Lua that it has", instead: leave, see: redisScripts},
			{verb: "script", effect: runsCode, text: "the server loads Lua, and ends what runs", instead: leave, see: redisScripts},
			{verb: "function", effect: runsCode, text: "the server loads code", instead: leave, see: redisScripts},
			{verb: "fcall", effect: runsCode, text: "the server runs code that it has", instead: leave, see: redisScripts},
			{verb: "fcall_ro", effect: runsCode, text: "the server runs code that it has", instead: leave, see: redisScripts},
			{verb: "module", effect: runsCode, text: "the server loads a library", instead: leave, see: redisSecurity},
			{verb: "debug", effect: runsCode, text: "it changes the server from inside, or ends it", instead: leave, see: redisCommands + "debug/"},
			{verb: "slaveof", effect: otherServer, text: "the server takes the data of any other server, and gives up its own", instead: leave, see: redisCommands + "replicaof/"},
			{verb: "replicaof", effect: otherServer, text: "the server takes the data of any other server, and gives up its own", instead: leave, see: redisCommands + "replicaof/"},
			{verb: "migrate", effect: otherServer, text: "the server sends keys to any other server", instead: leave, see: redisCommands + "migrate/"},
			{verb: "monitor", effect: showsSecret, text: "it prints what all clients send", instead: leave, see: redisCommands + "monitor/"},
			{verb: "acl", effect: showsSecret, text: "it shows and changes the server's users", instead: leave, see: redisACL},
			{verb: "auth", effect: showsSecret, text: "a password in a command line stands in the records", instead: leave, see: redisManual},
			{options: "--rdb --functions-rdb", effect: writesFiles, text: "redis-cli writes all data there", instead: leave, see: redisManual},
			{options: "--eval", effect: runsCode, text: "the server runs the Lua of that file", instead: `write where.FILE = { path = "/dir", ext = ".lua" }`, see: redisManual},
			{options: "--pipe", effect: runsCode, unless: "<", text: "every command may be typed", instead: "write < COMMANDS for a reviewed file", see: redisManual},
			{options: "-x -X", effect: readsFiles, unless: "<", text: "the last word is read from the terminal, and isn't recorded", instead: "write a placeholder for it", see: redisManual},
			{options: "--cluster", effect: otherServer, text: "it changes the cluster's servers, and calls any command on them", instead: leave, see: redisManual},
			{options: "-h", probes: []string{"evil.example"}, words: anyHost, effect: otherServer, text: "redis-cli logs in there with this tool's password", instead: "list the servers", see: redisManual},
			{options: "-u -p -s", effect: otherServer, text: "redis-cli logs in to what listens there with this tool's password", instead: "list the servers", see: redisManual},
			{options: "--insecure", effect: otherServer, text: "whoever stands between can answer for the server", instead: leave, see: redisManual},
			{options: "--cacert --cacertdir --cert --key", effect: otherServer, text: "whoever holds that certificate can answer for the server", instead: "write it in insert", see: redisManual},
			{options: "-a --pass", effect: showsSecret, text: "a password in a command line stands in the records, and every process can read it", instead: `write env = { REDISCLI_AUTH = "{secret.redis}" }`, see: redisManual},
		},
	}}
}

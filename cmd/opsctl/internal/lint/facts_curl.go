package lint

// What talks to servers. In a task of ECS a request to the credentials' address needs no secret but the path in a variable; on EC2, none.

const (
	curlManual     = "https://curl.se/docs/manpage.html"
	wgetManual     = "https://www.gnu.org/software/wget/manual/wget.html"
	opensslManual  = "https://docs.openssl.org/master/man1/openssl/"
	ecsCredentials = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html"

	curlValues = "--abstract-unix-socket --alt-svc --aws-sigv4 --cacert --capath -E --cert --cert-type --ciphers -K --config --connect-timeout --connect-to -C --continue-at -b --cookie -c --cookie-jar --create-file-mode --crlfile" +
		" --curves -d --data --data-ascii --data-binary --data-raw --data-urlencode --delegation --dns-interface --dns-servers --doh-url -D --dump-header --egd-file --engine --etag-compare --etag-save --expect100-timeout -F --form" +
		" --form-string --ftp-account --ftp-method -P --ftp-port --haproxy-clientip -H --header --hostpubmd5 --hostpubsha256 --hsts --interface --ipfs-gateway --json --keepalive-time --key --key-type --krb --libcurl --limit-rate" +
		" --local-port --login-options --mail-auth --mail-from --mail-rcpt --max-filesize --max-redirs -m --max-time --netrc-file --noproxy --oauth2-bearer -o --output --output-dir --parallel-max --pass --pinnedpubkey --preproxy" +
		" --proto --proto-default --proto-redir -x --proxy --proxy-cacert --proxy-capath --proxy-cert --proxy-ciphers --proxy-crlfile --proxy-header --proxy-key --proxy-pass -U --proxy-user --proxy1.0 --pubkey -Q --quote --random-file" +
		" -r --range --rate -e --referer -X --request --request-target --resolve --retry --retry-delay --retry-max-time --socks4 --socks4a --socks5 --socks5-hostname -Y --speed-limit -y --speed-time --stderr -t --telnet-option -z" +
		" --time-cond --tls-max --trace --trace-ascii --trace-config --unix-socket -T --upload-file --url --url-query -u --user -A --user-agent --variable -w --write-out"
)

func curlFacts() []fact {
	const hosts = `write where.URL = { match = 'https://api\.example\.com/[a-z0-9/_-]*' }`
	const schemes = hosts + `, or insert = ["--proto", "=https"]`
	const noAt = `write a match that admits no @: { match = '[^@]*' }`
	const record = "leave it out: opsh records the output"
	const sends = "behind @ curl reads a file and sends it"
	const metadata = `(?i)([a-z]*://)?([^/?#]*@)?169\.254\.(170\.2|169\.254)([:/?#].*)?`
	credentials := []string{"http://169.254.170.2/v2/credentials/x"}
	at := func(options, words, probe string) danger {
		return danger{options: options, probes: []string{probe}, words: words, effect: readsFiles, text: sends, instead: noAt, see: curlManual + "#-d"}
	}
	return []fact{{
		names: "curl", see: gtfobins("curl"), values: curlValues, shortens: true, flags: "-s --silent -S --show-error -f --fail -L --location -i --include -I --head -v --verbose -g --globoff -G --get -N --no-buffer -4 -6 -0 -1 -2 -3 -a -l -n --netrc -q -R -Z -# --compressed -O -J -k",
		dangers: []danger{
			{operand: anyOperand, probes: []string{"file:///etc/passwd"}, words: "(?i)file:.*", even: true, effect: readsFiles, unless: "--proto==https", text: "curl prints files of this container", instead: schemes, see: gtfobins("curl")},
			{options: "--url", probes: []string{"file:///etc/passwd"}, words: "(?i)file:.*|@.*", even: true, effect: readsFiles, unless: "--proto==https", text: "curl prints files of this container", instead: schemes, see: gtfobins("curl")},
			{operand: anyOperand, probes: credentials, words: metadata, even: true, effect: showsSecret, text: "that is where the task's AWS credentials are had", instead: hosts, see: ecsCredentials},
			{options: "--url", probes: credentials, words: metadata, even: true, effect: showsSecret, text: "that is where the task's AWS credentials are had", instead: hosts, see: ecsCredentials},
			{operand: anyOperand, probes: []string{"https://evil.example/"}, words: anyURL, effect: otherServer, text: "data leave for any server", instead: hosts, see: curlManual},
			{options: "--url --proto-default", probes: []string{"https://evil.example/"}, words: anyURL, effect: otherServer, text: "data leave for any server", instead: hosts, see: curlManual},
			{options: "-o --output --output-dir -D --dump-header --trace --trace-ascii --stderr -c --cookie-jar --libcurl --etag-save --hsts --alt-svc", effect: writesFiles, text: "curl writes there", instead: record, see: curlManual},
			{options: "-O --remote-name --remote-name-all -J --remote-header-name", effect: writesFiles, text: "curl writes a file that the server or the URL names", instead: record, see: curlManual},
			{options: "-K --config", effect: writesFiles, text: "the file may hold every option of curl", instead: "leave it out, or write it in insert", see: curlManual + "#-K"},
			{options: "-T --upload-file", effect: readsFiles, text: "curl sends that file", instead: "leave it out, or write a path in its where", see: curlManual},
			{options: "-E --cert --key --proxy-cert --proxy-key --netrc-file --etag-compare", effect: readsFiles, text: "curl takes credentials, or a header, from that file and sends them", instead: "write it in insert", see: curlManual},
			{options: "--cacert --capath --proxy-cacert --proxy-capath --pinnedpubkey", effect: otherServer, text: "whoever holds that certificate can answer for the server", instead: "write it in insert", see: curlManual + "#--cacert"},
			at("-d --data --data-binary --data-ascii --json -H --header --proxy-header -w --write-out", "@.+", "@/etc/passwd"),
			at("-F --form", `[^=]*=(.*[;,]\s*)?(headers=)?[@<].+`, "x=@/etc/passwd"),
			at("--data-urlencode --url-query --variable", "[^=@]*@.+", "x@/etc/passwd"),
			{options: "-b --cookie", probes: []string{"/etc/passwd"}, words: "[^=]+", effect: readsFiles, text: "a value without = is a file that curl reads and sends", instead: `write a match with = in it`, see: curlManual + "#-b"},
			{options: "-w --write-out", probes: []string{"%output{/tmp/x}x"}, words: `.*%output\{.*`, effect: writesFiles, text: "curl writes there", instead: "write a list", see: curlManual + "#-w"},
			{options: "--variable", probes: []string{"%HOME"}, words: "%.*", effect: showsSecret, env: true, text: "behind % curl reads a variable", instead: "leave it out", see: curlManual + "#--variable"},
			{options: "-x --proxy --proxy1.0 --preproxy --socks4 --socks4a --socks5 --socks5-hostname --connect-to --resolve --doh-url --dns-servers --haproxy-clientip --ipfs-gateway", effect: otherServer, text: "the request goes there, whatever its URL says", instead: "leave it out", see: curlManual},
			{options: "-k --insecure --proxy-insecure --doh-insecure", effect: otherServer, text: "whoever stands between can answer for the server", instead: "leave it out, or write --cacert in insert", see: curlManual + "#-k"},
			{options: "--unix-socket --abstract-unix-socket", effect: otherServer, text: "curl talks to what listens there: container engines and agents do", instead: "leave it out", see: curlManual},
			{options: "--engine", effect: runsCode, text: "curl loads a library from there", instead: "leave it out", see: gtfobins("curl")},
			{options: "-Q --quote -t --telnet-option", effect: writesFiles, text: "curl sends commands of its own to the server", instead: "leave it out", see: curlManual + "#-Q"},
		},
	}, {
		names: "wget", escape: "--use-askpass runs a program", see: gtfobins("wget"), shortens: true,
		values: "-O --output-document -o --output-file -a --append-output -P --directory-prefix --post-file --post-data --body-file --body-data --method -i --input-file -e --execute --config --use-askpass --header -U --user-agent --user --password" +
			" -t --tries -T --timeout -w --wait --limit-rate --referer --load-cookies --save-cookies --ca-certificate --certificate --private-key -B --base -D --domains -Q --quota --bind-address --rejected-log --warc-file",
		dangers: []danger{
			{operand: anyOperand, probes: credentials, words: metadata, even: true, effect: showsSecret, text: "that is where the task's AWS credentials are had", instead: hosts, see: ecsCredentials},
			{operand: anyOperand, probes: []string{"https://evil.example/"}, words: anyURL, effect: otherServer, text: "data leave for any server", instead: hosts, see: wgetManual},
			{options: "-O --output-document -o --output-file -a --append-output -P --directory-prefix --save-cookies --rejected-log --warc-file", effect: writesFiles, text: "wget writes there", instead: "leave it out, or write -O - in insert", see: wgetManual},
			{options: "--post-file --body-file -i --input-file --load-cookies --private-key --certificate", effect: readsFiles, text: "wget reads that file and sends or shows it", instead: "leave it out", see: gtfobins("wget")},
			{options: "-e --execute --config --use-askpass", effect: runsProgram, text: "wget may be told to run a program", instead: "leave it out", see: gtfobins("wget")},
			{options: "--no-check-certificate --ca-certificate", effect: otherServer, text: "whoever stands between can answer for the server", instead: "leave it out", see: wgetManual},
		},
	}, {
		names: "openssl", see: gtfobins("openssl"), style: wordStyle,
		dangers: []danger{
			{verb: "s_client", effect: otherServer, text: "it talks to any server, in the operator's words", instead: "leave it out, or write -connect HOST with a list and < FILE", see: gtfobins("openssl")},
			{verb: "s_server", effect: readsFiles, text: "it serves files of this container", instead: "leave it out", see: gtfobins("openssl")},
			{verb: "enc", effect: readsFiles, text: "it prints any file", instead: "leave it out", see: gtfobins("openssl")},
			{options: "-in -key -inkey -CAfile -certfile -passin -kfile", effect: readsFiles, text: "openssl reads and shows that file", instead: `write a path in its where: { path = "/dir" }`, see: opensslManual},
			{options: "-out -keyout -writerand -passout", effect: writesFiles, text: "openssl writes there", instead: "leave it out", see: opensslManual},
			{options: "-engine -provider -provider-path -config", effect: runsCode, text: "openssl loads a library from there", instead: "leave it out", see: gtfobins("openssl")},
			{operand: firstOperand, probes: []string{"enc", "s_client"}, effect: readsFiles, text: "every command of openssl may be typed, enc and s_client among them", instead: "write one usage line for each command", see: opensslManual},
			{operand: laterOperand, probes: []string{"/etc/passwd"}, words: anyFile, effect: readsFiles, text: "openssl reads and shows that file", instead: `write a path in its where: { path = "/dir" }`, see: opensslManual},
		},
	}}
}

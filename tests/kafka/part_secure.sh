# part_secure.sh - TLS with a check of the host, certificates of clients, SASL
# PLAIN and SCRAM against a broker of its own that asks for them; and no secret
# in what a job says or leaves behind. The certificates are made here.
# shellcheck shell=bash disable=SC2154
S=$T/secure
mkdir -p "$S"
: >"$S/said"

certificate() { # NAME SUBJECT_ALT_NAME: $S/NAME.key, $S/NAME.pem, signed by the CA
    openssl req -newkey rsa:2048 -nodes -keyout "$S/$1.key" -out "$S/$1.csr" -subj "/CN=$1" &&
        openssl x509 -req -in "$S/$1.csr" -CA "$S/ca.pem" -CAkey "$S/ca.key" -CAcreateserial \
            -days 2 -out "$S/$1.pem" -extfile <(echo "subjectAltName=$2")
} >>"$S/openssl" 2>&1
certificates() {
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$S/ca.key" -out "$S/ca.pem" -days 2 \
        -subj /CN=ca >>"$S/openssl" 2>&1 || return 1
    certificate server IP:127.0.0.1 && certificate client DNS:client || return 1
    openssl pkcs8 -topk8 -in "$S/client.key" -out "$S/client.enc" -passout pass:hidden-key \
        >>"$S/openssl" 2>&1 || return 1
    cat "$S/server.key" "$S/server.pem" >"$S/server.store"
    printf 'hidden-key\n' >"$S/key-password"
    printf 'hidden-scram\n' >"$S/password"
}

plain=org.apache.kafka.common.security.plain.PlainLoginModule
scram=org.apache.kafka.common.security.scram.ScramLoginModule
secure_broker() { # PORT: plain there, TLS two behind it, with certificates three, SASL four
    "$k" start --dir "$S/broker" --port "$1" \
        --set "listeners=PLAINTEXT://127.0.0.1:$1,CONTROLLER://127.0.0.1:$(($1 + 1)),TLS://127.0.0.1:$(($1 + 2)),MTLS://127.0.0.1:$(($1 + 3)),SASL://127.0.0.1:$(($1 + 4))" \
        --set listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,MTLS:SSL,SASL:SASL_SSL \
        --set ssl.keystore.type=PEM --set "ssl.keystore.location=$S/server.store" \
        --set ssl.truststore.type=PEM --set "ssl.truststore.location=$S/ca.pem" \
        --set listener.name.mtls.ssl.client.auth=required \
        --set listener.name.sasl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512 \
        --set "listener.name.sasl.plain.sasl.jaas.config=$plain required user_orders=\"hidden-plain\";" \
        --set "listener.name.sasl.scram-sha-256.sasl.jaas.config=$scram required;" \
        --set "listener.name.sasl.scram-sha-512.sasl.jaas.config=$scram required;"
}
secure_start() {
    local i port how
    certificates || { cat "$S/openssl"; return 1; }
    for ((i = 0; i < 5; i++)); do
        port=$((30000 + RANDOM % 20000 / 8 * 8))
        secure=$(secure_broker $port) && break
        "$k" stop --wipe --dir "$S/broker"
    done
    [ -n "$secure" ] || return 1
    tls=127.0.0.1:$((port + 2)) mtls=127.0.0.1:$((port + 3)) sasl=127.0.0.1:$((port + 4))
    by_name=localhost:$((port + 2))
    "$client" "$secure" topic safe 1 && echo k:v | "$client" "$secure" put safe || return 1
    for how in 256 512; do # one at a time is all that Kafka's tool can do
        "$k" tool kafka.admin.ConfigCommand --bootstrap-server "$secure" --alter --entity-type users \
            --entity-name orders --add-config "SCRAM-SHA-$how=[password=hidden-scram]" || return 1
    done
}

reads() { # BROKERS SETTING...: the record comes through
    local of=$1 got
    shift
    got=$("$rivulet" run -c connect.retries=2 "$@" "$here/records.c" \
        "kafka://$of/safe?until=end" - 2>"$S/now")
    cat "$S/now" | tee -a "$S/said"
    [ "$got" = '0 k v' ]
}
refuses() { # CODE WORDS BROKERS SETTING...: the job ends so, and says so
    local code=$1 words=$2 rc
    shift 2
    local of=$1
    shift
    "$rivulet" run -c connect.retries=2 "$@" "$here/records.c" "kafka://$of/safe?until=end" - \
        >"$S/now" 2>&1
    rc=$?
    cat "$S/now" | tee -a "$S/said"
    echo "exit $rc"
    [ $rc = "$code" ] && grep -qi "$words" "$S/now"
}

ok "a broker that asks for TLS, certificates and SASL starts" secure_start
ca=(-c "kafka.ssl.ca.location=$S/ca.pem")
on_tls=(-c kafka.security.protocol=ssl "${ca[@]}")
tls_with_host() {
    reads "$tls" "${on_tls[@]}" || return 1
    refuses 69 'certificate\|verif' "$tls" -c kafka.security.protocol=ssl || return 1
    refuses 69 'certificate\|verif\|host' "$by_name" "${on_tls[@]}" || return 1
    reads "$by_name" "${on_tls[@]}" -c kafka.ssl.endpoint.identification.algorithm=none
}
ok "TLS: another CA's certificate and that of another host are refused" tls_with_host
with_certificate() {
    local mine=(-c "kafka.ssl.certificate.location=$S/client.pem" -c "kafka.ssl.key.location=$S/client.enc")
    refuses 69 'ssl\|certificate\|disconnect\|closed' "$mtls" "${on_tls[@]}" || return 1
    reads "$mtls" "${on_tls[@]}" "${mine[@]}" -c "kafka.ssl.key.password.file=$S/key-password" || return 1
    RIVULET_KAFKA_SSL_KEY_PASSWORD=hidden-key reads "$mtls" "${on_tls[@]}" "${mine[@]}"
}
ok "mTLS: with a certificate of one's own, its key's password from file or environment" with_certificate
on_sasl=(-c kafka.security.protocol=sasl_ssl "${ca[@]}" -c kafka.sasl.username=orders)
with_password() {
    RIVULET_KAFKA_SASL_PASSWORD=hidden-plain reads "$sasl" "${on_sasl[@]}" -c kafka.sasl.mechanisms=PLAIN || return 1
    RIVULET_KAFKA_SASL_PASSWORD=hidden-wrong refuses 77 authentication "$sasl" "${on_sasl[@]}" \
        -c kafka.sasl.mechanisms=PLAIN
}
ok "SASL PLAIN over TLS; a wrong password ends the job" with_password
# In, out and through a transaction, with a journal.
through() {
    "$client" "$secure" topic safe-out 1 || return 1
    RIVULET_KAFKA_SASL_PASSWORD=hidden-plain "$rivulet" run -c state.dir="$S/state" -c name=safe \
        "${on_sasl[@]}" -c kafka.sasl.mechanisms=PLAIN -c kafka.delivery=exactly_once \
        -c log.level=debug "$here/job.c" "kafka://$sasl/safe?until=end" "kafka://$sasl/safe-out" \
        >"$S/now" 2>&1 || { cat "$S/now"; return 1; }
    cat "$S/now" >>"$S/said"
    [ "$("$rivulet" run "$here/records.c" "kafka://$secure/safe-out?until=end" -)" = '0 k v 1' ]
}
ok "from topic to topic exactly once, over TLS with SASL" through

# SCRAM: a client library before 2.6.1 cannot with these brokers, which is said;
# where there is another one ($RIVULET_TEST_KAFKA_LIB, a folder; --long builds
# one), it is tried with that. It has the same ABI.
scrams() {
    local how
    for how in SCRAM-SHA-256 SCRAM-SHA-512; do
        reads "$sasl" "${on_sasl[@]}" -c kafka.sasl.mechanisms=$how \
            -c "kafka.sasl.password.file=$S/password" || return 1
    done
    RIVULET_KAFKA_SASL_PASSWORD=hidden-wrong refuses 77 authentication "$sasl" "${on_sasl[@]}" \
        -c kafka.sasl.mechanisms=SCRAM-SHA-512
}
with_other_library() { LD_LIBRARY_PATH=$RIVULET_TEST_KAFKA_LIB scrams; }
cannot_scram() {
    refuses 77 'librdkafka 2.6.1 or newer' "$sasl" "${on_sasl[@]}" \
        -c kafka.sasl.mechanisms=SCRAM-SHA-512 -c "kafka.sasl.password.file=$S/password"
}
if [ -n "$long" ] && [ -z "${RIVULET_TEST_KAFKA_LIB-}" ] && command -v npm >/dev/null; then
    "$here/get-librdkafka" "$T/rdkafka" >"$S/built" 2>&1 && RIVULET_TEST_KAFKA_LIB=$T/rdkafka/lib
fi
version=$("$rivulet" --features | sed -n 's/.*librdkafka \([0-9.]*\).*/\1/p')
if [ "$(printf '%s\n' 2.6.1 "$version" | sort -V | head -1)" = 2.6.1 ]; then
    ok "SASL SCRAM-SHA-256 and SCRAM-SHA-512; a wrong password ends the job" scrams
else
    ok "SCRAM with a library that cannot do it: the job says which one can" cannot_scram
    [ -z "${RIVULET_TEST_KAFKA_LIB-}" ] ||
        ok "SASL SCRAM-SHA-256 and SCRAM-SHA-512 with another library" with_other_library
fi
no_secret() {
    ! grep -rl hidden- "$S/said" "$S/state" && [ -s "$S/said" ]
}
ok "no secret is in what these jobs said, or in their journal" no_secret
"$k" stop --wipe --dir "$S/broker" >/dev/null 2>&1

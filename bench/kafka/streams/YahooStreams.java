// YahooStreams.java - bench/kafka/yahoo.c as a Kafka Streams program: JSON events,
// views only, each ad's campaign looked up, counted by campaign in windows of 10 s
// of event time, into a topic, exactly once. States in memory, as there.
//   java -cp ... YahooStreams BROKERS APPLICATION IN OUT ADS STATE COMMIT_MS
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.Stores;

public class YahooStreams {
    static final JsonFactory JSON = new JsonFactory();
    static final Map<String, Integer> ADS = new HashMap<>();

    // Key "WINDOW:CAMPAIGN" and the event's time; null: no view of a known ad.
    static KeyValue<String, Long> keyOf(byte[] event) {
        String ad = null, type = null;
        long time = 0;
        try (JsonParser p = JSON.createParser(event)) {
            p.nextToken();
            while (p.nextToken() == JsonToken.FIELD_NAME) {
                String name = p.currentName();
                p.nextToken();
                switch (name) {
                    case "ad_id": ad = p.getText(); break;
                    case "event_type": type = p.getText(); break;
                    case "event_time": time = p.getLongValue(); break;
                    default: break;
                }
            }
        } catch (IOException e) {
            throw new RuntimeException(e);
        }
        Integer campaign = "view".equals(type) ? ADS.get(ad) : null;
        return campaign == null ? null
                : KeyValue.pair(time / 10000 + ":" + campaign, time);
    }

    public static void main(String[] arg) throws Exception {
        for (String line : Files.readAllLines(Path.of(arg[4]))) {
            int comma = line.indexOf(',');
            ADS.put(line.substring(0, comma),
                    Integer.parseInt(line.substring(comma + 1)));
        }
        Serde<String> text = Serdes.String();
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(arg[2], Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
            .mapValues(YahooStreams::keyOf)
            .filter((key, view) -> view != null)
            .map((key, view) -> view)
            .groupByKey(Grouped.with(text, Serdes.Long()))
            .aggregate(() -> "0,0", (key, time, sum) -> {
                int comma = sum.indexOf(',');
                long n = Long.parseLong(sum.substring(0, comma)) + 1;
                long last = Math.max(time, Long.parseLong(sum.substring(comma + 1)));
                return n + "," + last;
            }, Materialized.<String, String>as(Stores.inMemoryKeyValueStore("counts"))
                .withKeySerde(text).withValueSerde(text))
            .toStream()
            .to(arg[3], Produced.with(text, text));
        Properties props = new Properties();
        props.put("bootstrap.servers", arg[0]);
        props.put("application.id", arg[1]);
        props.put("state.dir", arg[5]);
        props.put("processing.guarantee", "exactly_once_v2");
        props.put("commit.interval.ms", arg[6]);
        props.put("num.stream.threads", "2");
        props.put("replication.factor", "1");
        props.put("auto.offset.reset", "earliest");
        KafkaStreams streams = new KafkaStreams(builder.build(), props);
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }
}

/* The jobs of bench/jobs as Flink's DataStream does them over a file that ends:
 * batch mode, one slot, so that a key is counted once for the whole file. Prints
 * a line of JSON for a cold and a warm run. */
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.file.src.reader.TextLineInputFormat;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

public final class Job {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static DataStream<Tuple2<String, Long>> words(DataStream<String> lines) {
        return lines.<Tuple2<String, Long>>flatMap((line, out) -> {
            for (String word : line.split(" "))
                if (!word.isEmpty())
                    out.collect(Tuple2.of(word, 1L));
        }).returns(Types.TUPLE(Types.STRING, Types.LONG)).keyBy(p -> p.f0).sum(1);
    }

    private static DataStream<Tuple2<Long, Long>> yahoo(DataStream<String> lines,
                                                        HashMap<String, Long> campaigns) {
        return lines.<Tuple2<Long, Long>>flatMap((line, out) -> {
            JsonNode event = JSON.readTree(line);
            if (!event.get("event_type").asText().equals("view"))
                return;
            Long campaign = campaigns.get(event.get("ad_id").asText());
            if (campaign != null)
                out.collect(Tuple2.of(
                    event.get("event_time").asLong() / 10000 * 256 + campaign, 1L));
        }).returns(Types.TUPLE(Types.LONG, Types.LONG)).keyBy(p -> p.f0).sum(1);
    }

    private static HashMap<String, Long> campaigns(String path) throws Exception {
        HashMap<String, Long> ret = new HashMap<>();
        for (String line : Files.readAllLines(Path.of(path)))
            ret.put(line.split(",")[0], Long.valueOf(line.split(",")[1]));
        return ret;
    }

    public static void main(String[] args) throws Exception {
        OperatingSystemMXBean os =
            (OperatingSystemMXBean)ManagementFactory.getOperatingSystemMXBean();
        for (String run : new String[] { "cold", "warm" }) {
            long cpu = os.getProcessCpuTime(), wall = System.nanoTime();
            StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1);
            env.setRuntimeMode(RuntimeExecutionMode.BATCH);
            env.getConfig().enableObjectReuse();
            DataStream<String> lines = env.fromSource(
                FileSource.forRecordStreamFormat(new TextLineInputFormat(),
                    new org.apache.flink.core.fs.Path(args[1])).build(),
                WatermarkStrategy.noWatermarks(), "file");
            if (args[0].equals("words"))
                words(lines).sinkTo(new DiscardingSink<>());
            else
                yahoo(lines, campaigns(args[2])).sinkTo(new DiscardingSink<>());
            env.execute();
            System.out.printf("{\"rival\":\"flink\",\"job\":\"%s\",\"run\":\"%s\","
                + "\"cpu_s\":%.3f,\"wall_s\":%.3f}%n", args[0], run,
                (os.getProcessCpuTime() - cpu) / 1e9, (System.nanoTime() - wall) / 1e9);
        }
    }
}

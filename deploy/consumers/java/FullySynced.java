import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Keeps each user's newest account set. Needs org.apache.kafka:kafka-clients and com.fasterxml.jackson.core:jackson-databind. */
public final class FullySynced {
    // Yours are tables, written in one transaction with what you do for the event.
    private static final Set<String> seen = new HashSet<>();
    private static final Map<String, Long> revisions = new HashMap<>();

    public static void main(String[] arguments) throws Exception {
        var properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, System.getenv("BOOTSTRAP_SERVERS"));
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, System.getenv("GROUP_ID"));
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        var json = new ObjectMapper();
        try (var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of("argyle.users.fully-synced"));
            while (true) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) apply(json.readTree(record.value()));
                consumer.commitSync(); // after the work is done: a crash repeats it, and it is known again by its id
            }
        }
    }

    private static void apply(JsonNode event) {
        var id = event.get("id").textValue();
        var data = event.get("data");
        var user = data.get("user").textValue();
        var revision = data.get("revision").longValue();
        if (!seen.add(id)) {
            System.out.println("again " + id);
        } else if (revision <= revisions.getOrDefault(user, 0L)) {
            System.out.println("older " + user + " " + revision);
        } else {
            revisions.put(user, revision);
            System.out.println("applied " + user + " " + revision + " " + data.get("change").textValue());
        }
    }
}

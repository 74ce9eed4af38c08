package com.kingcdn.edge.agent;

import com.kingcdn.control.ConfigSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the agent keeps in its state directory: the last configuration, and the position in the log. Two files, since the position
 * changes with each purge and the configuration seldom. For one thread.
 */
final class AgentState {

    private static final Logger log = LoggerFactory.getLogger(AgentState.class);

    private final Path directory;
    private final StateFile<ConfigSnapshot> configFile;
    private final StateFile<LogPosition> positionFile;
    private @Nullable ConfigSnapshot config;
    private boolean failing;

    AgentState(Path directory) {
        this.directory = directory;
        configFile = new StateFile<>(directory.resolve("config.json"), ConfigSnapshot.class);
        positionFile = new StateFile<>(directory.resolve("position.json"), LogPosition.class);
    }

    /** The configuration written last; null when there is none, or it is damaged. */
    @Nullable
    ConfigSnapshot readConfig() {
        config = configFile.read();
        return config;
    }

    /** The position written last; null when there is none, or it is damaged. */
    @Nullable
    LogPosition readPosition() {
        return positionFile.read();
    }

    /** Writes the configuration unless it is there already. A failure is logged: the edge then starts with an older one. */
    void writeConfig(ConfigSnapshot snapshot) {
        if (snapshot.equals(config)) {
            return;
        }
        try {
            configFile.write(snapshot);
            config = snapshot;
            worked();
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Writes the position. @return whether it is durable now */
    boolean writePosition(LogPosition position) {
        try {
            positionFile.write(position);
            worked();
            return true;
        } catch (IOException e) {
            failed(e);
            return false;
        }
    }

    private void worked() {
        if (failing) {
            log.info("State directory {} can be written again", directory);
            failing = false;
        }
    }

    private void failed(IOException failure) {
        AgentMetrics.STATE_WRITES_FAILED.inc();
        if (!failing) {
            log.error(
                    "Cannot write the state directory {}: {}. Purges are applied but not acknowledged until it can; make room or fix"
                            + " its permissions.",
                    directory,
                    failure.toString());
            failing = true;
        }
    }
}

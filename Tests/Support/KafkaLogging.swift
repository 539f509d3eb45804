import Foundation

/// How a test's brokers log: warnings, and the line that says that a broker has started. For Kafka 4 (log4j 2) and 3.9 (log4j 1) alike.
struct KafkaLogging {
    private static let second = """
        status=ERROR
        appender.console.type=Console
        appender.console.name=STDOUT
        appender.console.layout.type=PatternLayout
        appender.console.layout.pattern=[%d] %p %m (%c)%n
        rootLogger.level=WARN
        rootLogger.appenderRefs=stdout
        rootLogger.appenderRef.stdout.ref=STDOUT
        logger.server.name=kafka.server.KafkaRaftServer
        logger.server.level=INFO

        """

    private static let first = """
        log4j.rootLogger=WARN, stdout
        log4j.appender.stdout=org.apache.log4j.ConsoleAppender
        log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
        log4j.appender.stdout.layout.ConversionPattern=[%d] %p %m (%c)%n
        log4j.logger.kafka.server.KafkaRaftServer=INFO

        """

    func write(to folder: URL) throws {
        try Data(Self.second.utf8).write(to: folder.appendingPathComponent("log4j2.properties"))
        try Data(Self.first.utf8).write(to: folder.appendingPathComponent("log4j.properties"))
    }

    func options(in folder: URL) -> String {
        "-Dlog4j2.configurationFile=\(folder.path)/log4j2.properties -Dlog4j.configuration=file:\(folder.path)/log4j.properties"
    }
}

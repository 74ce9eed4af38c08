package com.kingcdn.edge;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;

/** The process of an edge node: assembly only, the work is in the packages below. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(EdgeProperties.class)
public class EdgeApplication {

    /** Of how many buffers one is watched for leaks: Netty's 128 costs a hit a twentieth of its time in stack traces. */
    private static final String LEAK_SAMPLING = "io.netty.leakDetection.samplingInterval";

    /** Whether Reactor Netty, which serves and asks for management alone, chooses a native transport by what is on the class path. */
    private static final String NATIVE_MANAGEMENT = "reactor.netty.native";

    public static void main(String[] args) {
        if (System.getProperty(NATIVE_MANAGEMENT) == null) {
            // kingcdn.edge.transport says how the kernel is reached; what it does not reach needs no io_uring
            System.setProperty(NATIVE_MANAGEMENT, "false");
        }
        if (System.getProperty(LEAK_SAMPLING) == null) {
            System.setProperty(LEAK_SAMPLING, "8192");
        }
        SpringApplication.run(EdgeApplication.class, args);
    }
}

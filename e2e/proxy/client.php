<?php
// Calls the API where clients have it in their code, once by curl and once by PHP's own streams. What comes back is printed.
const API = 'https://api.intercom.io';

function call(string $method, string $path, ?array $body = null): array
{
    $curl = curl_init(API . $path);
    $headers = ['Authorization: Bearer ' . getenv('TOKEN'), 'Accept: application/json', 'Intercom-Version: 2.9'];
    if ($body !== null) {
        $headers[] = 'Content-Type: application/json';
        curl_setopt($curl, CURLOPT_POSTFIELDS, json_encode($body));
    }
    curl_setopt_array($curl, [
        CURLOPT_CUSTOMREQUEST => $method, CURLOPT_HTTPHEADER => $headers,
        CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 20,
    ]);
    $text = curl_exec($curl);
    if ($text === false) {
        fwrite(STDERR, 'curl ' . curl_errno($curl) . ': ' . curl_error($curl) . "\n");
        exit(1);
    }
    return [curl_getinfo($curl, CURLINFO_RESPONSE_CODE), json_decode($text, true)];
}

function say(string $what, int $status, $value): void
{
    echo "$what: $status " . (is_bool($value) ? var_export($value, true) : $value) . "\n";
}

[$status, $me] = call('GET', '/me');
say('me', $status, $me['type']);
$email = getenv('EMAIL');
[$status, $contact] = call('POST', '/contacts', ['role' => 'user', 'email' => $email, 'name' => 'Røsa 日本']);
say('contact', $status, $contact['name']);
[$status, $again] = call('POST', '/contacts', ['role' => 'user', 'email' => $email]);
say('again', $status, $again['errors'][0]['code']);
[$status, $note] = call('POST', '/contacts/' . $contact['id'] . '/notes', ['body' => str_repeat('word ', 10_000)]);
say('long note', $status, strlen($note['body']) > 49_000);
[$status, $found] = call('POST', '/contacts/search', ['query' => ['field' => 'email', 'operator' => '=', 'value' => $email]]);
say('search', $status, $found['total_count']);
[$status, $gone] = call('DELETE', '/contacts/' . $contact['id']);
say('delete', $status, $gone['deleted']);
[$status, $none] = call('GET', '/contacts/' . $contact['id']);
say('gone', $status, $none['errors'][0]['code']);

// Streams do not look for a proxy: they are told of it.
$http = ['header' => ['Authorization: Bearer ' . getenv('TOKEN')], 'timeout' => 20, 'ignore_errors' => true];
if ($proxy = getenv('HTTPS_PROXY')) {
    $http['proxy'] = str_replace('http://', 'tcp://', $proxy);
}
$text = file_get_contents(API . '/me', false, stream_context_create(['http' => $http]));
if ($text === false) {
    exit(1);
}
// Behind a proxy, its answer to CONNECT comes first.
$lines = array_values(preg_grep('#^HTTP/#', $http_response_header));
say('second way', (int) explode(' ', end($lines))[1], json_decode($text, true)['type']);
